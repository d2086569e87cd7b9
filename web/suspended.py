"""What suspended people may still open: the decisions about their account, to appeal.

After a sign-in to a suspended account, with its second step if there is one, its id is in the
session, for an hour. Nobody is signed in by that: all other pages see an anonymous visitor.
"""

from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.services import Suspended
from chirp.errors import ChirpError
from web.auth import ForAll, ForMembers, P, to_login, viewer_of

KEY = "suspended"
SECONDS = 3600


def to_strikes(request: HttpRequest, refused: ChirpError | None) -> HttpResponse | None:
    """Redirect to the strikes of an account, if a sign-in was refused since it is suspended."""
    if not isinstance(refused, Suspended):
        return None
    user = refused.user
    request.session.cycle_key()
    request.session[KEY] = [user.pk, user.get_session_auth_hash()]
    request.session.set_expiry(SECONDS)
    return redirect("settings_strikes")


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
