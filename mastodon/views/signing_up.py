"""Sign up through an app."""

from typing import Any

from django.utils import timezone

from accounts import validation
from accounts.creation import EmailTaken, HandleTaken, WeakPassword
from accounts.joining.terms import InvitationNeeded, ReasonNeeded, WrongDomain
from accounts.oauth.services import user_token
from accounts.registration import sign_up
from chirp.errors import ChirpError
from chirp.limits.addresses import client_address
from mastodon.calls import Call
from mastodon.endpoints import app
from mastodon.replies import Reply
from mastodon.views.tokens import represent
from moderation.blocks.checks import EmailBlocked

# Our names of fields, and the codes of errors, in Mastodon's words.
FIELDS = {"handle": "username", "email": "email", "password": "password"}
MORE = {"reason": "reason", "invitation": "invite_code"}
CODES: dict[type[ChirpError], str] = {
    validation.ReservedHandle: "ERR_RESERVED",
    validation.BadHandle: "ERR_INVALID",
    validation.BadEmail: "ERR_INVALID",
    HandleTaken: "ERR_TAKEN",
    EmailTaken: "ERR_TAKEN",
    WeakPassword: "ERR_INVALID",
    EmailBlocked: "ERR_BLOCKED",
    ReasonNeeded: "ERR_BLANK",
    WrongDomain: "ERR_BLOCKED",
}


@app("write:accounts", quota="register")
def create(call: Call) -> Reply:
    """POST accounts: the token of a new account, with what the app's own token allows.

    While the account waits, each call with the token gets a 403 that says for what.
    """
    params = call.params
    fields = {ours: params.text(theirs) or "" for ours, theirs in (FIELDS | MORE).items()}
    for ours, theirs in FIELDS.items():
        if not fields[ours].strip():
            return _invalid(theirs, "ERR_BLANK", "can't be blank")
    if not params.flag("agreement"):
        return _invalid("agreement", "ERR_ACCEPTED", "must be accepted")
    try:
        address = client_address(call.request.META)
        user = sign_up(**fields, now=timezone.now(), address=address).user
    except ChirpError as error:
        at = (FIELDS | MORE).get(error.at or "")
        if at is None or isinstance(error, InvitationNeeded):
            raise
        return _invalid(at, CODES.get(type(error), "ERR_INVALID"), error.detail)
    assert call.token is not None
    return Reply(represent(user_token(app=call.token.app, user=user, held=call.token.scopes)))


def _invalid(field: str, code: str, description: str) -> Reply:
    """Which field is wrong: some apps show that beside it."""
    details: dict[str, Any] = {field: [{"error": code, "description": description}]}
    label = field.capitalize()
    return Reply({"error": f"Validation failed: {label}: {description}", "details": details}, 422)
