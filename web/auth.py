"""The viewer of a page, and pages that require a signed-in user."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import SimpleLazyObject, empty
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from web.responses import is_htmx, safe_next

P = ParamSpec("P")
ForAll = Callable[Concatenate[HttpRequest, P], HttpResponse]
ForMembers = Callable[Concatenate[HttpRequest, User, P], HttpResponse]


def viewer_of(request: HttpRequest) -> User | None:
    """The signed-in user; None for an anonymous visitor."""
    user: Any = request.user
    # The account itself: each use of an attribute through the lazy object takes five times as long.
    if type(user) is SimpleLazyObject:
        if user._wrapped is empty:
            user._setup()
        user = user._wrapped
    return user if isinstance(user, User) else None


def signed_in(view: ForMembers[P]) -> ForAll[P]:
    """Pass the signed-in user as the second argument; redirect anonymous visitors to sign in."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        viewer = viewer_of(request)
        if viewer is None:
            return to_login(request)
        return view(request, viewer, *args, **kwargs)

    return wrapper


def to_login(request: HttpRequest, back: str | None = None) -> HttpResponse:
    """Redirect to the log-in page, which leads back to `back` or to the page of this request.

    An action is not done on its own afterwards.
    """
    if back is None:
        is_read = request.method in ("GET", "HEAD")
        back = request.get_full_path() if is_read else safe_next(request)
    target = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(target) if is_htmx(request) else HttpResponseRedirect(target)
