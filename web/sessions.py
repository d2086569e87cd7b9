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

from accounts.models import User
from web.auth import ForMembers

P = ParamSpec("P")
CONFIRMED = "confirmed_at"  # in the session: when its user last proved who they are
CONFIRMED_SECONDS = 600


def begin(request: HttpRequest, user: User) -> None:
    """Sign `user` in, who has just proven who they are."""
    login(request, user)
    confirm(request)
    if user.is_staff:
        request.session.set_expiry(settings.STAFF_SESSION_SECONDS)


def confirm(request: HttpRequest) -> None:
    """Note that the user of this session has just proven who they are."""
    request.session[CONFIRMED] = int(time.time())


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
