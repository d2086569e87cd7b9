"""Begin sessions, and ask again who somebody is before they change what protects an account."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from chirp.db.routing import on_primary
from chirp.limits.addresses import client_address
from web.auth import ForMembers

P = ParamSpec("P")
CONFIRMED = "confirmed_at"  # in the session: when its user last proved who they are
CONFIRMED_SECONDS = 600
SPARED = "password_spared_at"  # in the session: when that was by what is as good as a password
SEEN = "seen_at"  # in the session: when its use was last noted
SEEN_SECONDS = 600


def begin(request: HttpRequest, user: User, *, spares_password: bool = False) -> None:
    """Sign `user` in, who has just proven who they are."""
    login(request, user)
    confirm(request, spares_password=spares_password)
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
            key, address = session.session_key or "", client_address(request.META)
            # Without the primary the page is shown all the same, and the next one notes it.
            with suppress(OperationalError), on_primary():
                sessions.seen(session_key=key, address=address, now=timezone.now())
                session[SEEN] = int(time.time())
        return response


def confirm(request: HttpRequest, *, spares_password: bool = False) -> None:
    """Note that the user of this session has just proven who they are.

    A proof that `spares_password` is a passkey, or a new sign-in at the provider.
    """
    request.session[CONFIRMED] = int(time.time())
    if spares_password:
        request.session[SPARED] = int(time.time())


def is_spared_password(request: HttpRequest) -> bool:
    """Whether such a proof is of the last ten minutes. Then no form asks for the password."""
    proven_at: float = request.session.get(SPARED, 0)
    return time.time() - proven_at < CONFIRMED_SECONDS


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
