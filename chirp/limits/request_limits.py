"""The outermost limits of a request: cookies and body, before anything parses or stores them."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from chirp.error_handlers import error_response
from chirp.limits.bodies import body_limit

MOST_COOKIE_BYTES = 4096
# No cookie has controls or backslashes (RFC 6265, section 4.1.1). Python before 3.11.10 takes
# quadratic time over backslashes in a quoted value.
COOKIES = re.compile(r"[\x20-\x5b\x5d-\x7e]*")
BAD_COOKIES = "The Cookie header of this request is too long, or is not one. Delete the cookies."
TOO_LARGE = "The body of this request is too large."

View = Callable[[HttpRequest], HttpResponse]


class RequestLimits:
    """Middleware: refuse cookies that are none, and bodies that are too large for their path."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 400 or 413."""
        if not has_sane_cookies(request.META.get("HTTP_COOKIE", "")):
            return error_response(request, 400, BAD_COOKIES)
        if _length(request) > body_limit(request.path):
            return error_response(request, 413, TOO_LARGE)
        return self.get_response(request)


def has_sane_cookies(header: str) -> bool:
    """Whether a Cookie header is short and has only characters that cookies may have."""
    return len(header) <= MOST_COOKIE_BYTES and COOKIES.fullmatch(header) is not None


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0
