"""Error pages: readable, without the database, and JSON for the API."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from chirp.errors import NotAllowed, NotFound, body

CODES = {400: "invalid", 403: NotAllowed.code, 404: NotFound.code}
CODES |= {500: "server_error", 503: "unavailable"}
RETRY_SECONDS = 2
TITLES = {
    400: "That did not make sense",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not this way",
    409: "Already there",
    429: "Slow down a little",
    500: "Something broke",
    503: "Back in a moment",
}
MESSAGES = {
    400: "The address or the form was not one that this site understands.",
    403: "You may not see or do this.",
    404: "There is no such page, or it is not yours to see.",
    405: "This address only takes forms. Go back to the page and use its buttons.",
    500: "That is our fault, not yours. It has been noted; try again in a moment.",
    503: "The database does not answer. Please try again in a moment.",
}
CSRF = (
    "This form has expired, or cookies are off. Nothing was changed. "
    "Go back, reload the page and send it again."
)


def wants_json(request: HttpRequest) -> bool:
    """Whether the API was asked rather than the site."""
    return request.path.startswith("/api/")


def error_page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """The page of an error; for the API its JSON. Needs neither database nor session."""
    message = message or MESSAGES.get(status, "That cannot be done.")
    if wants_json(request):
        return JsonResponse(body(CODES.get(status, "invalid"), message), status=status)
    title = TITLES.get(status, "That cannot be done")
    context = {"status": status, "title": title, "message": message}
    return HttpResponse(render_to_string("error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what Django itself refuses, such as too many fields."""
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours; 503 while Postgres is away. The log has the traceback."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        response = error_page(request, 503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return error_page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token. The reason is for developers and stays in the log."""
    return error_page(request, 403, CSRF)
