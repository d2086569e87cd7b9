"""A request of a client, as endpoints see it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.http import HttpRequest

from accounts.models import User
from accounts.oauth.models import AppToken
from chirp import ids
from chirp.errors import NotFound
from mastodon.params import Params


@dataclass(slots=True)
class Call:
    """The request, its parameters, and the token that it came with."""

    request: HttpRequest
    params: Params
    token: AppToken | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def viewer(self) -> User | None:
        """The account of the token; None without a token, or with one of an app."""
        return self.token.user if self.token else None

    @property
    def user(self) -> User:
        """The account of the token, in an endpoint that needs one."""
        user = self.viewer
        assert user is not None
        return user

    @property
    def base(self) -> str:
        """The base URL of the site, without a slash at the end."""
        return base_of(self.request)

    @property
    def host(self) -> str:
        """The host of the site, with its port if that is not the usual one."""
        return urlsplit(self.base).netloc


def base_of(request: HttpRequest) -> str:
    """Return the base URL of the site, as the client called it, without a slash at the end."""
    return request.build_absolute_uri("/").rstrip("/")


def parsed(text: str) -> int:
    """Return the id in an address. Raises NotFound for what is not an id."""
    id_ = ids.parse(text)
    if not id_:
        raise NotFound
    return id_
