"""Who asks, by the session of a request."""

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts.models import User

BACKEND = "accounts.backends.HandleOrEmailBackend"


class SessionAuthentication(AuthenticationMiddleware):
    """Django's middleware, with the account that was read together with the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`, which is looked up at its first use."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]


def get_user(request: HttpRequest) -> User | AnonymousUser:
    """The user of the session. Whatever is not as in nearly all requests is left to Django."""
    return _read_with_session(request) or auth.get_user(request)


def _read_with_session(request: HttpRequest) -> User | None:
    """The account that came with the session, if Django would come to the same one."""
    session = request.session
    user_id, backend = session.get(auth.SESSION_KEY), session.get(auth.BACKEND_SESSION_KEY)
    account: User | None = session.take_account()  # type: ignore[attr-defined]  # of the settings
    if account is None or str(account.pk) != user_id or not account.is_active:
        return None
    if backend != BACKEND or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    proof = session.get(auth.HASH_SESSION_KEY, "")
    return account if constant_time_compare(proof, account.get_session_auth_hash()) else None
