"""The common format of errors, for exceptions of Chirp, Django and Django REST Framework."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from api.errors import exception_handler
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound


def respond(exc: Exception) -> tuple[int, Any]:
    """The status and the body of the response to an exception."""
    response = exception_handler(exc, {})
    assert response is not None
    return response.status_code, response.data


@pytest.mark.parametrize(
    ("exc", "status", "code"),
    [
        (ChirpError(), 400, "invalid"),
        (NotAllowed(), 403, "not_allowed"),
        (NotFound(), 404, "not_found"),
        (Conflict(), 409, "conflict"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "parse_error"),
    ],
)
def test_each_exception_has_a_status_a_code_and_a_message(
    exc: Exception, status: int, code: str
) -> None:
    got, body = respond(exc)
    assert (got, body["error"]) == (status, code)
    assert body["message"]
    assert set(body) == {"error", "message"}


def test_an_error_of_a_field_names_the_field() -> None:
    status, body = respond(ChirpError("Too long.", field="text"))
    assert status == 400
    assert body == {"error": "invalid", "message": "Too long.", "fields": {"text": ["Too long."]}}


def test_nested_fields_are_flattened() -> None:
    detail: Any = {"location": {"lat": ["Too large."]}, "text": ["Missing.", "Blank."]}
    _, body = respond(exceptions.ValidationError(detail))
    assert body["fields"] == {"location.lat": ["Too large."], "text": ["Missing.", "Blank."]}


def test_an_error_of_no_field_is_a_non_field_error() -> None:
    _, body = respond(exceptions.ValidationError("Not like this."))
    assert body["fields"] == {"non_field_errors": ["Not like this."]}


def test_retry_after_is_a_header() -> None:
    response = exception_handler(Conflict(retry_after=3), {})
    assert response is not None
    assert response.headers["Retry-After"] == "3"


def test_an_unexpected_exception_is_not_handled() -> None:
    assert exception_handler(ZeroDivisionError(), {}) is None
