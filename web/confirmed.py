"""Forms of accounts whose address is not confirmed yet."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import emails
from accounts.emails import NotConfirmed
from web.auth import viewer_of
from web.errors import refusal

# The account itself, sign-out, and what checks by its own rules.
ALLOWED = ("/settings", "/login", "/logout", "/register", "/admin/", "/api/", "/notifications/")
View = Callable[[HttpRequest], HttpResponse]


class ConfirmedToWrite:
    """Middleware that refuses forms of accounts which can only read: accounts.emails."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 403 with what to do."""
        if request.method == "POST" and not request.path.startswith(ALLOWED):
            viewer = viewer_of(request)
            try:
                if viewer is not None:
                    emails.check_may_write(viewer)
            except NotConfirmed as error:
                return refusal(request, error)
        return self.get_response(request)
