"""The site under attack, its clients, and the accounts that the attacks register."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tools.attack.operations import Operation, read

TIMEOUT = 30.0  # seconds; only a client that waits for other clients waits as long


class Skipped(Exception):
    """An attack cannot run here; the text says what it needs."""


class Limited(Exception):
    """The site's rate limits stop the attacks themselves."""


class Client(requests.Session):
    """A client that takes paths instead of URLs, and follows no redirects."""

    def __init__(self, base: str, adapter: BaseAdapter | None, access: str = "") -> None:
        super().__init__()
        self.base = base
        self.trust_env = False
        self.expects_limits = False  # whether a 429 is an answer like others
        if adapter is not None:
            self.mount(base, adapter)
        if access:
            self.headers["Authorization"] = f"Bearer {access}"

    def request(  # type: ignore[override]  # paths, and whatever else requests takes
        self, method: str, url: str, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request. Raises Limited for a 429 that nobody expects."""
        options["allow_redirects"] = False
        options.setdefault("timeout", TIMEOUT)
        response = super().request(method, f"{self.base}{url}", *args, **options)
        if response.status_code == 429 and not self.expects_limits:
            raise Limited(f"{method} {url} was limited. Raise the site's RATE_LIMIT_ settings.")
        return response

    @property
    def csrf(self) -> str:
        """The CSRF token of this browser's cookie; empty before the first form."""
        names = (cookie for cookie in self.cookies if cookie.name.endswith("csrftoken"))
        return next((cookie.value or "" for cookie in names), "")

    def submit(
        self, path: str, data: dict[str, Any] | None = None, **options: Any
    ) -> requests.Response:
        """Send a form as a browser does, with its CSRF token."""
        if not self.csrf:
            self.get("/login")
        form = {**(data or {}), "csrfmiddlewaretoken": self.csrf}
        headers = {"Referer": f"{self.base}{path}", **options.pop("headers", {})}
        return self.post(path, data=form, headers=headers, **options)


@dataclass
class Person:
    """An account: `api` sends its access token, and `site` is a browser that is signed in."""

    id: str
    handle: str
    email: str
    password: str
    access: str
    refresh: str
    api: Client
    target: "Target" = field(repr=False)

    @cached_property
    def site(self) -> Client:
        """The browser, which signs in when it is first used."""
        return self.target.signed_in(self.handle, self.password)


class Target:
    """A running site, by its base URL. `adapter` replaces the network."""

    def __init__(
        self,
        base: str,
        *,
        adapter: BaseAdapter | None = None,
        staff: tuple[str, str] | None = None,
        jwt_key: str = "",
        short: bool = False,
    ) -> None:
        self.base = base.rstrip("/")
        self.adapter = adapter
        self.staff = staff  # the login and the password of a superuser
        self.jwt_key = jwt_key  # the PEM of the key that signs access tokens
        self.short = short

    def client(self, access: str = "") -> Client:
        """A new client: of an anonymous visitor, or with an access token."""
        return Client(self.base, self.adapter, access)

    @cached_property
    def operations(self) -> list[Operation]:
        """The operations of the site's OpenAPI document."""
        return read(self.client().get("/api/schema").json())

    def register(self, name: str) -> Person:
        """Create an account whose handle begins with `name`."""
        handle = f"{name}_{secrets.token_hex(5)}"
        account = {
            "handle": handle,
            "email": f"{handle}@example.org",
            "password": secrets.token_urlsafe(18),
        }
        answer = self.client().post("/api/auth/register", json=account)
        if answer.status_code != 201:
            raise Skipped(f"needs open registration, which answered {answer.status_code}")
        tokens = answer.json()
        return Person(
            id=tokens["user"]["id"],
            **account,
            access=tokens["access"],
            refresh=tokens["refresh"],
            api=self.client(tokens["access"]),
            target=self,
        )

    @cached_property
    def somebody(self) -> Person:
        """An account for attacks that leave it as it is."""
        return self.register("somebody")

    @cached_property
    def tweet(self) -> str:
        """The id of a tweet of `somebody`."""
        answer = self.somebody.api.post("/api/tweets", json={"text": "Attack me. #attack"})
        return str(answer.json()["id"])

    @cached_property
    def conversation(self) -> str:
        """The id of a direct tweet of `somebody`, and so of a conversation."""
        body = {"text": "A note.", "visibility": "direct"}
        return str(self.somebody.api.post("/api/tweets", json=body).json()["id"])

    def path(self, template: str) -> str:
        """The path of an endpoint or a page, with parameters that name what is there."""
        values = {
            "handle": self.somebody.handle,
            "tweet_id": self.tweet,
            "tag": "attack",
            "conversation_id": self.conversation,
        }
        return template.format_map(defaultdict(lambda: "1", values))

    def signed_in(self, login: str, password: str) -> Client:
        """A browser that has signed in."""
        browser = self.client()
        answer = browser.submit("/login", {"login": login, "password": password})
        if answer.status_code != 302:
            raise Skipped(f"{login} cannot sign in: {answer.status_code}")
        return browser
