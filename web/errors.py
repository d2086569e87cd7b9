"""Error pages of the site, and the middleware that renders each ChirpError as one."""

from collections.abc import Callable
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from chirp.error_handlers import MESSAGES, error_response
from chirp.errors import ChirpError, Kind, NotFound
from web.look import look_of

STATUSES = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.NOT_ALLOWED: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_MANY: 429,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED: 415,
    Kind.UNAVAILABLE: 503,
}
TITLES: dict[int, Promise] = {
    400: gettext_lazy("That did not make sense"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Nothing here"),
    405: gettext_lazy("Not this way"),
    409: gettext_lazy("Already there"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Not supported"),
    429: gettext_lazy("Slow down a little"),
    500: gettext_lazy("Something broke"),
    503: gettext_lazy("Back in a moment"),
}
OTHERWISE = gettext_lazy("That cannot be done")
TOO_LARGE = gettext_lazy(
    "What you sent is too large. Go back, where your text still is, and send less of it."
)
# Those of which a second attempt makes sense, and those that may be different when signed in.
PASSING, FOR_MEMBERS = (429, 500, 503), (403, 404)
MINUTE, HOUR = 60, 3600
View = Callable[[HttpRequest], HttpResponse]


def error_page(
    request: HttpRequest, status: int, message: str, retry_after: int | None = None
) -> HttpResponse:
    """The page of an error, or its message alone for htmx.

    It needs neither database nor session: the template gets no request.
    """
    alone = request.headers.get("HX-Request") == "true"
    texts = [str(message) if alone else _text(status, str(message))]
    if retry_after is not None:
        texts.append(when_again(retry_after))
    if alone:
        return HttpResponse(" ".join(texts), content_type="text/plain", status=status)
    look = look_of(request)
    context = {"error_look": look, "status": status, "texts": texts, **_ways_on(request, status)}
    return HttpResponse(render_to_string("error.html", context), status=status)


def _text(status: int, message: str) -> str:
    """The message, unless a page can say more: what a 413 lost, and what else a 404 can mean."""
    if status == 413:
        return str(TOO_LARGE)
    return str(MESSAGES[404]) if message == NotFound().detail else message


def when_again(seconds: int) -> str:
    """When to try again, for people: rounded up."""
    if seconds < MINUTE:
        text = ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)
        return text % {"num": seconds}
    if seconds < HOUR:
        minutes = ceil(seconds / MINUTE)
        text = ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
        return text % {"num": minutes}
    hours = ceil(seconds / HOUR)
    text = ngettext("Try again in %(num)s hour.", "Try again in %(num)s hours.", hours)
    return text % {"num": hours}


def _ways_on(request: HttpRequest, status: int) -> dict[str, Any]:
    """What the page of an error offers: to try again, to go back, to log in, to search."""
    is_read = request.method in ("GET", "HEAD")
    here, signed_in = request.get_full_path(), settings.SESSION_COOKIE_NAME in request.COOKIES
    back = _came_from(request)
    return {
        "title": TITLES.get(status, OTHERWISE),
        "again": here if is_read and status in PASSING else "",
        "back": "" if back == here else back,
        "log_in": here if is_read and status in FOR_MEMBERS and not signed_in else "",
        "searches": status == 404,
    }


def _came_from(request: HttpRequest) -> str:
    """The page of this site that led here, if the browser says so."""
    try:
        host, referer = request.get_host(), urlsplit(request.headers.get("Referer", ""))
    except (DisallowedHost, ValueError):
        return ""
    if not referer.path.startswith("/") or referer.netloc != host:
        return ""
    return referer.path + (f"?{referer.query}" if referer.query else "")


class ReadableErrors:
    """Middleware that renders a ChirpError as a page, or as one line of text for htmx."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and add a page to a 405 without content."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response.headers.get("Allow", "")
            response = error_response(request, 405)
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Render a ChirpError that a view raised. Views of the API handle their own."""
        return refusal(request, exc) if isinstance(exc, ChirpError) else None


def refusal(request: HttpRequest, error: ChirpError) -> HttpResponse:
    """The page of an expected error, or one line of text for htmx."""
    response = error_page(request, STATUSES[error.kind], error.detail, error.retry_after)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response
