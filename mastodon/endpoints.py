"""Endpoints: who may call a function, and how its reply becomes a response.

    @user("read:statuses")
    def home(call: Call) -> Reply | Any: ...

An endpoint returns JSON or a Reply, and raises ChirpErrors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from accounts.oauth.models import AppToken
from accounts.oauth.scopes import covers
from accounts.oauth.services import find_token
from chirp import handoff
from chirp.errors import ChirpError
from mastodon import limits
from mastodon.bodies import parameters
from mastodon.calls import Call
from mastodon.errors import InvalidToken, NeedsUser, OutsideScopes, error_response, refusal
from mastodon.params import Params
from mastodon.replies import Reply

Handler = Callable[..., Any]


class Who(Enum):
    """Who may call an endpoint."""

    ANYBODY = auto()
    APP = auto()  # with any token
    USER = auto()  # with the token of an account


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A function that answers one method of an address. One of `scopes` is needed."""

    handle: Handler
    who: Who
    scopes: tuple[str, ...]
    quota: str | None = None

    def check(self, token: AppToken | None) -> None:
        """Raise InvalidToken, OutsideScopes or NeedsUser."""
        if token is None:
            if self.who is not Who.ANYBODY:
                raise InvalidToken
            return
        if self.scopes and not any(covers(token.scopes, scope) for scope in self.scopes):
            raise OutsideScopes
        if self.who is Who.USER and token.user is None:
            raise NeedsUser


def user(*scopes: str, quota: str | None = None) -> Callable[[Handler], Endpoint]:
    """Make an endpoint of a function that needs the token of an account."""
    return lambda handle: Endpoint(handle, Who.USER, scopes, quota)


def app(*scopes: str, quota: str | None = None) -> Callable[[Handler], Endpoint]:
    """Make an endpoint of a function that needs a token, be it one of an app."""
    return lambda handle: Endpoint(handle, Who.APP, scopes, quota)


def public(*scopes: str, quota: str | None = None) -> Callable[[Handler], Endpoint]:
    """Make an endpoint of a function that needs no token. A token that comes must be valid."""
    return lambda handle: Endpoint(handle, Who.ANYBODY, scopes, quota)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An address below the root of the site, and its endpoints by method. It is a view."""

    path: str
    methods: Mapping[str, Endpoint]
    csrf_exempt: ClassVar[bool] = True  # no cookie is accepted

    def __call__(self, request: HttpRequest, **names: str) -> HttpResponse:
        """The response of the endpoint for this method."""
        method = "GET" if request.method == "HEAD" else request.method or ""
        endpoint = self.methods.get(method)
        if endpoint is None:
            response = error_response(request, 405, "")
            response["Allow"] = ", ".join([*self.methods, "OPTIONS"])
            return response
        call = Call(request, Params({}))
        reply = _reply(endpoint, call, names)
        reply.headers = {**call.headers, **reply.headers}
        return reply.response()


def _reply(endpoint: Endpoint, call: Call, names: Mapping[str, str]) -> Reply:
    try:
        try:
            call.token = _token(call.request)
        finally:  # also of the address that sends tokens which are none
            limits.spend(call, endpoint.quota)
        endpoint.check(call.token)
        call.params = parameters(call.request)
        answer = endpoint.handle(call, **names)
    except ChirpError as error:
        return refusal(error)
    return answer if isinstance(answer, Reply) else Reply(answer)


def _token(request: HttpRequest) -> AppToken | None:
    """The token of a request; None without one. Raises InvalidToken."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = _token_of_stream(request)
        if not token:
            return None
    found = find_token(token=token.strip())
    if found is None:
        raise InvalidToken
    return found


def _token_of_stream(request: HttpRequest) -> str:
    """The token of a request for a stream: browsers cannot set the header there.

    It is in the query, or stands for the protocol of a WebSocket. Nowhere else is it accepted so.
    """
    if not handoff.is_stream(request.path):
        return ""
    return request.GET.get("access_token") or request.headers.get("Sec-WebSocket-Protocol", "")
