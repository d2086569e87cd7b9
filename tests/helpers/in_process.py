"""The site within the test's process, for programs that send requests over HTTP."""

from collections.abc import Mapping
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

BASE = "http://testserver"
BARE = ("content-type", "content-length", "cookie")


class _Original:
    """What requests reads cookies from: the response as http.client has it."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = Message()
        for name, value in headers.iteritems():
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True


class InProcess(HTTPAdapter):
    """Sends the requests of a `requests.Session` to Django's handler, with its CSRF checks."""

    def __init__(self) -> None:
        super().__init__()
        self._django = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def send(  # type: ignore[override]  # the options of a connection mean nothing here
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """The response of the site."""
        self._django.cookies.clear()  # the session has them, and sends them
        url = urlsplit(request.url or "")
        body = request.body or b""
        answer = self._django.generic(
            request.method or "GET",
            f"{url.path}?{url.query}",
            body if isinstance(body, bytes) else str(body).encode(),
            content_type=request.headers.get("Content-Type", ""),
            **_environ(request.headers),
        )
        headers = HTTPHeaderDict(answer.headers.items())
        for cookie in answer.cookies.values():
            headers.add("Set-Cookie", cookie.OutputString())
        original: Any = _Original(headers)
        raw = HTTPResponse(
            BytesIO(b"".join(answer) if answer.streaming else answer.content),
            headers=headers,
            status=answer.status_code,
            preload_content=False,
            original_response=original,
        )
        return self.build_response(request, raw)


def _environ(headers: Mapping[str, str]) -> dict[str, Any]:
    environ = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in headers.items()
        if name.lower() not in BARE
    }
    return environ | ({"HTTP_COOKIE": headers["Cookie"]} if "Cookie" in headers else {})
