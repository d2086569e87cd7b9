"""Handlers for errors outside of views. The API or the web renders them, depending on the path."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chirp.db import statement_timeout

RETRY_SECONDS = 2
MESSAGES = {
    400: _("The address or the form was not one that this site understands."),
    403: _("You may not see or do this."),
    404: _("There is no such page, or it is not yours to see."),
    405: _("This address only takes forms. Go back to the page and use its buttons."),
    413: _("The body of this request is too large."),
    500: _("That is our fault, not yours. It has been noted; try again in a moment."),
    503: _("The database does not answer. Please try again in a moment."),
}
CANNOT = _("That cannot be done.")
TOOK_TOO_LONG = _(
    "This took the database too long, so it was stopped and may not have been done. "
    "Please try again in a moment."
)


def error_response(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """Render an error with the responder for the request's path: settings.ERROR_RESPONDERS."""
    responders = settings.ERROR_RESPONDERS
    responder = next(path for prefix, path in responders.items() if request.path.startswith(prefix))
    message = message or str(MESSAGES.get(status, CANNOT))
    response: HttpResponse = import_string(responder)(request, status, message)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 or 413, for requests that Django itself refuses, such as those with too many fields."""
    too_large = isinstance(exception, RequestDataTooBig)
    return error_response(request, 413 if too_large else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return error_response(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for an unhandled exception; 503 without Postgres, or if it ended a statement.

    The log has the traceback.
    """
    error = sys.exception()
    if isinstance(error, (OperationalError, InterfaceError)):
        message = str(TOOK_TOO_LONG) if statement_timeout.has_ended(error) else ""
        response = error_response(request, 503, message)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return error_response(request, 500)
