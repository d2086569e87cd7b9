"""Middleware: headers of all responses for browsers and caches, and requests without HTTPS."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chirp.error_handlers import error_response
from chirp.vary import vary_on

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
            vary_on(response, "Cookie", "Authorization")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class ContentSecurityPolicy(CSPMiddleware):
    """django-csp, with the policy of the settings made into a header once.

    It makes the header anew for each response, at three times the cost. A response with a policy of
    its own, set by a view or by a nonce, is left to it.
    """

    _made: tuple[object, str] = (None, "")

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set the header of the settings, unless this response has a policy of its own."""
        if settings.DEBUG or "_csp" in " ".join((*vars(response), *vars(request))):
            return super().process_response(request, response)
        policy = settings.CONTENT_SECURITY_POLICY
        if self._made[0] is not policy:
            self._made = policy, build_policy()
        response.headers.setdefault(HEADER, self._made[1])
        return response
