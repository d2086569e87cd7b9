"""Error pages of the site, and the middleware that renders each ChirpError as one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from chirp.error_handlers import error_response
from chirp.errors import ChirpError, Kind
from web.look import look_of
from web.responses import is_htmx

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
TITLES = {
    400: "That did not make sense",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not this way",
    409: "Already there",
    413: "Too large",
    415: "Not supported",
    429: "Slow down a little",
    500: "Something broke",
    503: "Back in a moment",
}
TOO_LARGE = "What you sent is too large. Go back, where your text still is, and send less of it."
View = Callable[[HttpRequest], HttpResponse]


def error_page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """The page of an error. It needs neither database nor session: the template gets no request."""
    title = TITLES.get(status, "That cannot be done")
    message = TOO_LARGE if status == 413 else message
    context = {"error_look": look_of(request), "status": status, "title": title, "message": message}
    return HttpResponse(render_to_string("error.html", context), status=status)


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
    status = STATUSES[error.kind]
    if is_htmx(request):
        response = HttpResponse(error.detail, content_type="text/plain", status=status)
    else:
        response = error_page(request, status, error.detail)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response
