"""Authentication of API requests: `Authorization: Bearer <access token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User
from accounts.selectors import find_user


def viewer_of(request: Request) -> User | None:
    """The signed-in user, or None for an anonymous visitor."""
    return request.user if isinstance(request.user, User) else None


def signed_in_user(request: Request) -> User:
    """The signed-in user, in a view that requires authentication."""
    user = request.user
    assert isinstance(user, User)
    return user


class AccessTokenAuthentication(BaseAuthentication):
    """Authenticate by access token; other schemes are left to other authentication classes.

    A view that needs more data about the signed-in user can define its own `find_user` method, so
    that the same query loads it.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """The user and their token, or None without a bearer token. Raises BadToken."""
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        access = token.strip().decode("latin-1")
        find = getattr(request.parser_context["view"], "find_user", find_user)
        return tokens.authenticate(access=access, find=find, now=timezone.now()), access

    def authenticate_header(self, request: Request) -> str:
        """The `WWW-Authenticate` header of a 401 response."""
        return 'Bearer realm="chirp"'
