"""Error responses of the native API. All of them have the same format.

    {"error": "invalid", "message": "What is wrong.", "fields": {"text": ["Why."]}}

`fields` is present only when the error concerns particular fields.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from chirp.errors import ChirpError, Kind, NotAllowed, NotFound

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
# Codes of errors that Django itself raises, before or instead of a view.
CODES = {
    403: NotAllowed.code,
    404: NotFound.code,
    413: "too_large",
    500: "server_error",
    503: "unavailable",
}


def error_response(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A JSON error response for errors outside views. Uses neither database nor session."""
    return JsonResponse(body(CODES.get(status, "invalid"), message), status=status)


def body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The JSON body of an error response."""
    return {"error": code, "message": message} | ({"fields": fields} if fields else {})


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an expected exception into an error response; a hook of Django REST Framework.

    Returns None for an unexpected exception, which is then raised as a server error.
    """
    # Imported here: it loads the authentication classes, which import this module.
    from rest_framework.views import exception_handler as drf_exception_handler

    if isinstance(exc, ChirpError):
        return _chirp_response(exc)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(NotFound.message)
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    response = drf_exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        response.data = _drf_body(exc)
    return response


def _chirp_response(exc: ChirpError) -> Response:
    fields = {exc.at: [exc.detail]} if exc.at else None
    content = body(exc.code, exc.detail, fields) | dict(exc.more)
    response = Response(content, status=STATUSES[exc.kind])
    if exc.kind is Kind.UNAUTHENTICATED:
        response["WWW-Authenticate"] = 'Bearer realm="chirp"'
    if exc.retry_after is not None:
        response["Retry-After"] = str(exc.retry_after)
    return response


def _drf_body(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        return body("invalid", "Some fields are not valid.", _fields(exc.detail))
    return body(str(exc.default_code), str(exc.detail))


def _fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Flatten Django REST Framework's nested details.

    {"location.lat": ["Too large."]}; for a list of objects {"tweets.2.text": ["Too long."]}.
    """
    if isinstance(detail, dict):
        return {
            path: messages
            for key, value in detail.items()
            for path, messages in _fields(value, f"{prefix}.{key}" if prefix else str(key)).items()
        }
    if isinstance(detail, list) and any(isinstance(entry, dict) for entry in detail):
        return _fields({str(number): entry for number, entry in enumerate(detail)}, prefix)
    if isinstance(detail, list):
        return {prefix or "non_field_errors": [str(message) for message in detail]}
    return {prefix or "non_field_errors": [str(detail)]}
