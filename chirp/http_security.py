"""Middleware: headers of all responses for browsers and caches, and requests without HTTPS."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from chirp.error_handlers import error_response

# The location is for the composer's place; the other features are not used.
PERMISSIONS_POLICY = "geolocation=(self), " + ", ".join(
    f"{feature}=()" for feature in ("camera", "microphone", "payment", "usb", "midi", "serial")
)
HTTPS_REQUIRED = _(
    "Use HTTPS. If this request held a password or a token, it was sent in the clear: change it."
)
View = Callable[[HttpRequest], HttpResponse]


class SecureTransport:
    """Refuse requests to the API without HTTPS, where the site has it.

    Pages are redirected by Django. A program would follow a redirect, and send its credentials in
    the clear at each request, unnoticed.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 403."""
        if (
            settings.HTTPS
            and request.path.startswith(settings.HTTPS_OR_REFUSED)
            and not request.is_secure()
        ):
            return error_response(request, 403, str(HTTPS_REQUIRED))
        return self.get_response(request)


class ResponseHeaders:
    """Set headers that a view did not set: nothing is cached for others, and nothing is embedded.

    Nearly every response depends on who asks. A GET may be kept by the viewer's own browser, which
    has to revalidate it; the answer to anything else may not be kept at all.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers."""
        response = self.get_response(request)
        if "Cache-Control" not in response:
            is_read = request.method in ("GET", "HEAD")
            response["Cache-Control"] = "private, no-cache" if is_read else "no-store"
            patch_vary_headers(response, ["Cookie", "Authorization"])
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response
