"""Begin sessions, and ask again who somebody is before they change what protects an account."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from chirp.limits.addresses import client_address
from web.auth import ForMembers

P = ParamSpec("P")
CONFIRMED = "confirmed_at"  # in the session: when its user last proved who they are
CONFIRMED_SECONDS = 600
BY_PASSKEY = "passkey_used_at"  # in the session: when that was by a passkey
SEEN = "seen_at"  # in the session: when its use was last noted
SEEN_SECONDS = 600


def begin(request: HttpRequest, user: User, *, by_passkey: bool = False) -> None:
    """Sign `user` in, who has just proven who they are."""
    login(request, user)
    confirm(request, by_passkey=by_passkey)
    note(request, user)
    if user.is_staff:
        request.session.set_expiry(settings.STAFF_SESSION_SECONDS)


def note(request: HttpRequest, user: User) -> None:
    """Note where `user` is signed in, in a session whose key is new."""
    key, now = request.session.session_key or "", timezone.now()
    agent, address = request.headers.get("User-Agent", ""), client_address(request.META)
    sessions.begin(user=user, session_key=key, agent=agent, address=address, now=now)
    request.session[SEEN] = int(now.timestamp())


class LastSeen:
    """Middleware that notes now and then that a session was used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on. Only of a session that was read anyway something is noted."""
        response = self.get_response(request)
        session = request.session
        noted = session.get(SEEN) if hasattr(session, "_session_cache") else None
        if noted is not None and time.time() - noted > SEEN_SECONDS:
            session[SEEN] = int(time.time())
            key, address = session.session_key or "", client_address(request.META)
            sessions.seen(session_key=key, address=address, now=timezone.now())
        return response


def confirm(request: HttpRequest, *, by_passkey: bool = False) -> None:
    """Note that the user of this session has just proven who they are."""
    request.session[CONFIRMED] = int(time.time())
    if by_passkey:
        request.session[BY_PASSKEY] = int(time.time())


def used_passkey(request: HttpRequest) -> bool:
    """Whether a passkey has proven, within the last ten minutes, who the user of this session is.

    Then no form asks for the password.
    """
    used_at: float = request.session.get(BY_PASSKEY, 0)
    return time.time() - used_at < CONFIRMED_SECONDS


def confirmed(view: ForMembers[P]) -> Callable[Concatenate[HttpRequest, User, P], HttpResponse]:
    """Ask for the password first, unless that was within the last ten minutes.

    What was sent is not done afterwards: the page that leads there is shown again.
    """

    @wraps(view)
    def wrapper(
        request: HttpRequest, viewer: User, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if time.time() - request.session.get(CONFIRMED, 0) < CONFIRMED_SECONDS:
            return view(request, viewer, *args, **kwargs)
        back = request.path if request.method != "POST" else reverse("two_step")
        return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': back})}")

    return wrapper
