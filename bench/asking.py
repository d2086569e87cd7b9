"""Requests one at a time, for latencies: a new connection each, as sync workers want."""

import json
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from bench.context import Site

Headers = dict[str, str]


class Unexpected(Exception):
    """An answer with another status than the one that was hoped for."""


def ask(
    site: Site, method: str, path: str, headers: Headers, body: Any = None
) -> tuple[int, bytes]:
    """Send one request, and return the status and the body."""
    data = None if body is None else json.dumps(body)
    typed = {"Content-Type": "application/json"} if data else {}
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    try:
        connection.request(method, path, body=data, headers={**headers, **typed})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get(site: Site, path: str, headers: Headers) -> bytes:
    """The body of a page that must be there."""
    status, body = ask(site, "GET", path, headers)
    if status != 200:
        raise Unexpected(f"GET {path}: {status} {body[:300]!r}")
    return body


def get_ms(site: Site, path: str, headers: Headers) -> float:
    """How long that takes."""
    started = perf_counter()
    get(site, path, headers)
    return 1000 * (perf_counter() - started)


def post(site: Site, path: str, headers: Headers, body: Any) -> Any:
    """The answer to a POST that must be a 201."""
    status, answer = ask(site, "POST", path, headers, body)
    if status != 201:
        raise Unexpected(f"POST {path}: {status} {answer[:300]!r}")
    return json.loads(answer)


def post_ms(site: Site, path: str, headers: Headers, body: Any) -> float:
    """How long that takes."""
    started = perf_counter()
    post(site, path, headers, body)
    return 1000 * (perf_counter() - started)
