"""Errors in the form of Mastodon: `{"error": "A sentence for people."}`.

OAuth has its own form: `{"error": "invalid_grant", "error_description": "A sentence."}`.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.oauth.services import OAuthError
from chirp.errors import ChirpError, Kind
from mastodon.params import MissingParameter
from mastodon.replies import Reply

STATUSES = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.NOT_ALLOWED: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 422,
    Kind.TOO_MANY: 429,
    Kind.TOO_LARGE: 422,
    Kind.UNSUPPORTED: 422,
    Kind.UNAVAILABLE: 503,
}
SENTENCES = {
    404: "Record not found",
    405: "This method is not allowed here",
    429: "Too many requests",
    503: "There was a temporary problem serving your request, please try again",
}
# The errors that are a 400 in spite of their kind.
MALFORMED = "malformed"


class BadRequest(ChirpError):
    """The request cannot be read."""

    code = MALFORMED


class InvalidToken(ChirpError):
    """There is no valid token where one is needed."""

    kind = Kind.UNAUTHENTICATED
    message = "The access token is invalid"


class OutsideScopes(ChirpError):
    """The token does not allow this."""

    kind = Kind.NOT_ALLOWED
    message = "This action is outside the authorized scopes"


class NeedsUser(ChirpError):
    """The token belongs to an app, and this needs the token of an account."""

    code = "needs_user"
    message = "This method requires an authenticated user"


class Invalid(ChirpError):
    """Something else that is not valid, in Mastodon's words."""


def error_response(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A response for errors outside of endpoints. Uses neither database nor session."""
    return Reply({"error": SENTENCES.get(status, message)}, status).response()


def refusal(error: ChirpError) -> Reply:
    """The reply for an expected error."""
    if isinstance(error, OAuthError):
        status = 400 if error.kind is Kind.INVALID else STATUSES[error.kind]
        body: dict[str, Any] = {"error": error.code, "error_description": error.detail}
    else:
        status = _status(error)
        body = {"error": _sentence(error, status)}
    reply = Reply(body, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = 'Bearer realm="chirp"'
    if error.retry_after is not None:
        reply.headers["Retry-After"] = str(error.retry_after)
    return reply


def _status(error: ChirpError) -> int:
    is_malformed = error.code == MALFORMED or isinstance(error, MissingParameter)
    return 400 if is_malformed else STATUSES[error.kind]


def _sentence(error: ChirpError, status: int) -> str:
    if status == 422 and not isinstance(error, NeedsUser):
        return f"Validation failed: {error.detail}"
    return SENTENCES.get(status, error.detail)
