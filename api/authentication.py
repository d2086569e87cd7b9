"""How the API finds out who asks: `Authorization: Bearer <access token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User
from accounts.selectors import find_user


def viewer_of(request: Request) -> User | None:
    """Who asks, or None when nobody is signed in."""
    return request.user if isinstance(request.user, User) else None


def signed_in_user(request: Request) -> User:
    """Who asks, in a view that only signed-in people reach."""
    user = request.user
    assert isinstance(user, User)
    return user


class AccessTokenAuthentication(BaseAuthentication):
    """Access tokens; other schemes are left to other classes.

    A view that needs to know more of who asks can have a `find_user` of its own, and learn it by
    the same query.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """The person and their token, or None without a bearer token. BadToken."""
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        access = token.strip().decode("latin-1")
        find = getattr(request.parser_context["view"], "find_user", find_user)
        return tokens.authenticate(access=access, find=find, now=timezone.now()), access

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="chirp"'
