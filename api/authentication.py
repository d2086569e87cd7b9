"""Authentication of API requests: `Authorization: Bearer <access token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User
from accounts.selectors import find_user
from accounts.signed_in import SignedIn
from chirp.limits.addresses import client_address
from chirp.limits.quotas import spend_address


def viewer_of(request: Request) -> User | None:
    """The signed-in user, or None for an anonymous visitor."""
    return request.user if isinstance(request.user, User) else None


def signed_in_user(request: Request) -> User:
    """The signed-in user, in a view that requires authentication."""
    user = request.user
    assert isinstance(user, User)
    return user


def sign_in_of(request: Request) -> SignedIn:
    """The sign-in of a signed-in user's request: a token, or else a session of the site."""
    if isinstance(request.auth, str):
        return tokens.signed_in(access=request.auth)
    user = signed_in_user(request)
    return SignedIn(user.pk, user.token_version, session_key=request.session.session_key or "")


def _count(request: Request) -> None:
    """Count a request whose token is none, of its address. Raises TooManyRequests."""
    kind = "read" if request.method in SAFE_METHODS else "write"
    quota = spend_address(kind, address=client_address(request.META))
    if quota is not None:
        quota.check()


class AccessTokenAuthentication(BaseAuthentication):
    """Authenticate by access token; other schemes are left to other authentication classes.

    A view that needs more data about the signed-in user can define its own `find_user` method, so
    that the same query loads it.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """The user and their token, or None without a bearer token. Raises BadToken.

        Also TooManyRequests, if the address sends many that are none.
        """
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        access = token.strip().decode("latin-1")
        find = getattr(request.parser_context["view"], "find_user", find_user)
        try:
            return tokens.authenticate(access=access, find=find, now=timezone.now()), access
        except tokens.BadToken:
            _count(request)
            raise

    def authenticate_header(self, request: Request) -> str:
        """The `WWW-Authenticate` header of a 401 response."""
        return 'Bearer realm="chirp"'
