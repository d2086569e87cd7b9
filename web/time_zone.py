"""The time zone of the viewer: times on the site are read and written in it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chirp.times import time_zone_names
from web.auth import viewer_of
from web.limits import UNLIMITED

COOKIE = "time_zone"  # what the browser says: set by static/js/forms.js
DEFAULT = "UTC"
# What is the same for all viewers, speaks UTC, or has to work without Postgres.
WITHOUT = (*UNLIMITED, "/admin/")
View = Callable[[HttpRequest], HttpResponse]


def time_zone_of(request: HttpRequest) -> str:
    """The time zone of the account, else that of the browser, else UTC.

    It is UTC for anonymous visitors, whose pages are the same for all of them.
    """
    viewer = viewer_of(request)
    if viewer is None:
        return DEFAULT
    return known(viewer.time_zone) or known(request.COOKIES.get(COOKIE, "")) or DEFAULT


def known(name: str) -> str:
    """The name of a time zone; empty if there is none of this name."""
    return name if name in time_zone_names() else ""


class ReaderTimeZone:
    """Middleware that makes the time zone of the viewer the current one, for pages."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if request.path.startswith(WITHOUT):
            return self.get_response(request)
        with timezone.override(time_zone_of(request)):
            return self.get_response(request)
