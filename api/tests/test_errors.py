"""The one shape of errors, whoever raises them."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from api.errors import exception_handler
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound


def answer(exc: Exception) -> tuple[int, Any]:
    """Status and body of an exception."""
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
def test_every_kind_has_a_status_a_code_and_words(exc: Exception, status: int, code: str) -> None:
    got, body = answer(exc)
    assert (got, body["error"]) == (status, code)
    assert body["message"]
    assert set(body) == {"error", "message"}


def test_a_field_is_named_where_one_is_at_fault() -> None:
    status, body = answer(ChirpError("Too long.", field="text"))
    assert status == 400
    assert body == {"error": "invalid", "message": "Too long.", "fields": {"text": ["Too long."]}}


def test_fields_within_fields_are_flat() -> None:
    detail: Any = {"location": {"lat": ["Too large."]}, "text": ["Missing.", "Blank."]}
    _, body = answer(exceptions.ValidationError(detail))
    assert body["fields"] == {"location.lat": ["Too large."], "text": ["Missing.", "Blank."]}


def test_what_is_about_no_field_says_so() -> None:
    _, body = answer(exceptions.ValidationError("Not like this."))
    assert body["fields"] == {"non_field_errors": ["Not like this."]}


def test_when_to_try_again_is_a_header() -> None:
    response = exception_handler(Conflict(retry_after=3), {})
    assert response is not None
    assert response.headers["Retry-After"] == "3"


def test_what_nobody_expected_is_not_made_to_look_expected() -> None:
    assert exception_handler(ZeroDivisionError(), {}) is None
