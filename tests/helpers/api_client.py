"""A test client for the API that sends JSON and an access token."""

from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User


class Api:
    """`Api(alice).put("/api/users/bob/follow")`. `Api()` is an anonymous client."""

    def __init__(self, person: User | None = None, *, access: str = "", **headers: str) -> None:
        access = tokens.issue(user=person, now=timezone.now()).access if person else access
        self.headers = {**headers, **({"Authorization": f"Bearer {access}"} if access else {})}
        self.client = Client(raise_request_exception=False)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response of Django's test client. A body of bytes is sent unchanged."""
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        send = getattr(self.client, method)
        return send(path, headers={**self.headers, **headers}, **sent)

    def get(self, path: str, **headers: str) -> Any:
        """Send a GET request."""
        return self.request("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Send a POST request."""
        return self.request("post", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        """Send a PUT request."""
        return self.request("put", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """Send a PATCH request."""
        return self.request("patch", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        """Send a DELETE request."""
        return self.request("delete", path, body, **headers)
