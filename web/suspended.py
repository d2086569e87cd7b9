"""What suspended people may still open: the decisions about their account, to appeal.

After the right password of a suspended account, its id is in the session, for an hour. Nobody is
signed in by that: all other pages see an anonymous visitor.
"""

from functools import wraps

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from web.auth import ForAll, ForMembers, P, to_login, viewer_of

KEY = "suspended"
SECONDS = 3600


def remember(request: HttpRequest, user: User) -> None:
    """Let whoever knew the password of a suspended account see its strikes."""
    request.session.cycle_key()
    request.session[KEY] = [user.pk, user.get_session_auth_hash()]
    request.session.set_expiry(SECONDS)


def suspended_person(request: HttpRequest) -> User | None:
    """The suspended account of this session, as long as it is suspended, or None."""
    pk, proof = request.session.get(KEY) or (None, "")
    user: User | None = User.objects.filter(pk=pk).first() if pk else None
    if user is None or user.suspended_at is None or user.get_session_auth_hash() != proof:
        return None
    return user


def signed_in_or_suspended(view: ForMembers[P]) -> ForAll[P]:
    """Like `signed_in`, but a suspended person gets through too."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person = viewer_of(request) or suspended_person(request)
        return to_login(request) if person is None else view(request, person, *args, **kwargs)

    return wrapper
