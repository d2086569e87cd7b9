"""Errors people cause, and the one shape in which the API tells them.

    {"error": "invalid", "message": "What is wrong.", "fields": {"text": ["Why."]}}

`fields` is there only when the error is about fields. An app defines its own exceptions beside
the functions that raise them, each a subclass of one of the classes below.
"""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response


class ChirpError(Exception):
    """Something a person asked for that cannot be done. `field` names the input at fault."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"
    message: ClassVar[str] = "That cannot be done."
    field: ClassVar[str | None] = None

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.detail = message or self.message
        self.at = field or self.field
        self.retry_after = retry_after
        super().__init__(self.detail)


class NotAllowed(ChirpError):
    """It is there and the person may know it, but they may not do this."""

    status = 403
    code = "not_allowed"
    message = "You may not do that."


class NotFound(ChirpError):
    """It is not there, or not theirs to see: the two look the same."""

    status = 404
    code = "not_found"
    message = "There is nothing here."


class Conflict(ChirpError):
    """It collides with what is there."""

    status = 409
    code = "conflict"
    message = "That is already there."


def body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The JSON of one error."""
    return {"error": code, "message": message} | ({"fields": fields} if fields else {})


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST Framework's hook: any expected exception as an answer in our shape."""
    # Not at the top: it loads the authentication classes, and they need this module.
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
    response = Response(body(exc.code, exc.detail, fields), status=exc.status)
    if exc.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="chirp"'
    if exc.retry_after is not None:
        response["Retry-After"] = str(exc.retry_after)
    return response


def _drf_body(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        return body("invalid", "Some of what was sent is not valid.", _fields(exc.detail))
    return body(str(exc.default_code), str(exc.detail))


def _fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Django REST Framework's nested details, flat: {"location.lat": ["Too large."]}."""
    if isinstance(detail, dict):
        return {
            path: messages
            for key, value in detail.items()
            for path, messages in _fields(value, f"{prefix}.{key}" if prefix else str(key)).items()
        }
    if isinstance(detail, list):
        return {prefix or "non_field_errors": [str(message) for message in detail]}
    return {prefix or "non_field_errors": [str(detail)]}
