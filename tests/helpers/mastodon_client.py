"""A client of the Mastodon API, which checks the form of every answer."""

import re
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.oauth import services
from accounts.oauth.services import NewApp
from tests.helpers.mastodon_entities import check

SCOPES = ("read", "write", "follow", "profile")
LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')
JSON = "application/json; charset=utf-8"


def new_app(*, redirect_uri: str = "https://app.example/back", scopes: Any = SCOPES) -> NewApp:
    """A registered app."""
    return services.register_app(
        name="Test app", redirect_uris=[redirect_uri], wanted=scopes, website="https://app.example"
    )


class Mastodon:
    """`Mastodon(alice).get("timelines/home")`. `Mastodon()` has no token."""

    def __init__(
        self, person: User | None = None, *, scopes: Any = SCOPES, token: str = ""
    ) -> None:
        if person is not None:
            app = new_app(scopes=scopes).app
            token = services.user_token(app=app, user=person, held=scopes).token
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(raise_request_exception=False)

    def send(
        self, method: str, path: str, *, status: int = 200, entity: str = "", **more: Any
    ) -> Any:
        """The response. `path` is below /api/v1 unless it begins with a slash.

        Fails unless it has the status and, if an `entity` is named, the form of it. An error has
        the form of errors.
        """
        path = path.removeprefix("http://testserver")
        address = path if path.startswith("/") else f"/api/v1/{path}"
        headers = {**self.headers, **more.pop("headers", {})}
        response = getattr(self.client, method)(address, headers=headers, **more)
        assert response.status_code == status, (address, response.status_code, response.content)
        assert response["Content-Type"] == JSON
        check(response.json(), entity or ("Error" if status >= 400 else "Anything"))
        return response

    def get(self, path: str, entity: str = "", **more: Any) -> Any:
        """The body of the answer to a GET, which has this form."""
        return self.send("get", path, entity=entity, **more).json()

    def page(self, path: str, entity: str) -> tuple[list[Any], dict[str, str]]:
        """The entries of a list, and the addresses of its `next` and `prev` page."""
        response = self.send("get", path, entity=f"[{entity}]")
        found = LINK.findall(response.headers.get("Link", ""))
        assert [rel for _, rel in found] in ([], ["next"], ["prev"], ["next", "prev"])
        return response.json(), {rel: address for address, rel in found}

    def walk(self, path: str, entity: str) -> list[list[Any]]:
        """All pages of a list, from the first to the last."""
        pages, links = [], {"next": path}
        while "next" in links:
            entries, links = self.page(links["next"], entity)
            pages.append(entries)
        return pages

    def post(self, path: str, entity: str = "", body: Any = None, **more: Any) -> Any:
        """The body of the answer to a POST of JSON."""
        return self._write("post", path, entity, body, more)

    def put(self, path: str, entity: str = "", body: Any = None, **more: Any) -> Any:
        """The body of the answer to a PUT of JSON."""
        return self._write("put", path, entity, body, more)

    def patch(self, path: str, entity: str = "", body: Any = None, **more: Any) -> Any:
        """The body of the answer to a PATCH of JSON."""
        return self._write("patch", path, entity, body, more)

    def delete(self, path: str, entity: str = "", body: Any = None, **more: Any) -> Any:
        """The body of the answer to a DELETE."""
        return self._write("delete", path, entity, body, more)

    def _write(self, method: str, path: str, entity: str, body: Any, more: Any) -> Any:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.send(method, path, entity=entity, **sent, **more).json()
