"""Middleware that finds out how pages look to the viewer: web/look.py."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from web.auth import viewer_of
from web.look import COOKIE, of_account, of_cookie, remember
from web.time_zone import WITHOUT

View = Callable[[HttpRequest], HttpResponse]


class ReaderAppearance:
    """Middleware for the choices of accounts.

    The browser keeps a copy of the account's choices, for pages that do not look the account up.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        viewer = None if request.path.startswith(WITHOUT) else viewer_of(request)
        if viewer is None:
            return self.get_response(request)
        look = of_account(viewer)
        request.look = look  # type: ignore[attr-defined]
        response = self.get_response(request)
        # What sets its own rules for caches may be given to others.
        is_own = COOKIE not in response.cookies and not response.has_header("Cache-Control")
        if is_own and look != of_cookie(request):
            remember(response, look)
        return response
