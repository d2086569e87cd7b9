"""The outermost limits of a request: cookies and body, before anything parses or stores them."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from chirp.error_handlers import error_response
from chirp.limits.bodies import body_limit

MAX_COOKIE_LENGTH = 4096  # of the whole header
# No cookie has control characters or backslashes (RFC 6265, section 4.1.1). Python before 3.11.10
# takes quadratic time over backslashes in a quoted value.
COOKIE = re.compile(r"[\x20-\x5b\x5d-\x7e]*")
COOKIES_TOO_LONG = _(
    "The Cookie header of this request is too long. Delete the cookies of this site."
)

View = Callable[[HttpRequest], HttpResponse]


class RequestLimits:
    """Middleware that refuses long Cookie headers and large bodies, and drops malformed cookies."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 400 or 413."""
        cookies = request.META.get("HTTP_COOKIE", "")
        if len(cookies) > MAX_COOKIE_LENGTH:
            return error_response(request, 400, str(COOKIES_TOO_LONG))
        if not COOKIE.fullmatch(cookies):
            request.META["HTTP_COOKIE"] = well_formed(cookies)
        if _length(request) > body_limit(request.path):
            return error_response(request, 413)
        return self.get_response(request)


def well_formed(cookies: str) -> str:
    """Return a Cookie header without the cookies that have characters which no cookie has.

    Another site on the same domain may have set them, so the request is not refused for them.
    """
    return ";".join(cookie for cookie in cookies.split(";") if COOKIE.fullmatch(cookie))


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0
