"""Invitations and accounts that wait as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from accounts.joining.invitations import MAX_DAYS, MAX_USES, SHOWN, Sent
from accounts.joining.links import invitation_path
from accounts.joining.models import NOTE_LENGTH, Waiting
from accounts.joining.waiting import ANSWER_LENGTH
from api.request_fields import StrictBooleanField, StrictCharField, StrictIntegerField
from chirp.times import rfc3339

Json = dict[str, Any]


def represent_invitation(sent: Sent, *, base: str) -> Json:
    """The JSON of an invitation, for the account that made it."""
    row = sent.invitation
    return {
        "id": str(row.pk),
        "code": row.code,
        "url": f"{base}{invitation_path(row.code)}",
        "note": row.note,
        "open": sent.is_open,
        "uses_left": row.uses_left,
        "follow": row.follow,
        "created_at": rfc3339(row.created_at),
        "expires_at": row.expires_at and rfc3339(row.expires_at),
        "revoked_at": row.revoked_at and rfc3339(row.revoked_at),
        "joined_count": sent.count,
        "joined": [user.handle for user in sent.joined],
    }


def represent_application(row: Waiting) -> Json:
    """The JSON of an account that waits, for staff."""
    return {
        "id": str(row.pk),
        "handle": row.user.handle,
        "name": row.user.name,
        "email": row.user.email,
        "waits_for": row.what,
        "reason": row.reason,
        "created_at": rfc3339(row.created_at),
    }


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation."""

    id = serializers.CharField()
    code = serializers.CharField()
    url = serializers.URLField(help_text="The page that it leads to.")
    note = serializers.CharField()
    open = serializers.BooleanField(help_text="Neither used up nor expired nor revoked.")
    uses_left = serializers.IntegerField(allow_null=True, help_text="Null for any number.")
    follow = serializers.BooleanField(help_text="Who comes by it follows who made it.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    joined_count = serializers.IntegerField(help_text="How many accounts came by it.")
    joined = serializers.ListField(
        child=serializers.CharField(), help_text=f"The handles of the first {SHOWN} of them."
    )


class NewInvitationSerializer(serializers.Serializer[Any]):
    """A new invitation."""

    uses = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_USES,
        help_text="How many accounts can come by it; null for any number. Defaults to 1.",
    )
    days = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_DAYS,
        help_text="How long it is valid; null for ever. Defaults to 7.",
    )
    note = StrictCharField(
        required=False, allow_blank=True, max_length=NOTE_LENGTH, help_text="For whom it is."
    )
    follow = StrictBooleanField(
        required=False, help_text="Who comes by it follows the viewer. Defaults to false."
    )


class ApplicationSerializer(serializers.Serializer[Any]):
    """A new account that waits."""

    id = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    waits_for = serializers.ChoiceField(Waiting.For.choices)
    reason = serializers.CharField(help_text="Why they want to have an account; may be empty.")
    created_at = serializers.DateTimeField()


class RejectionSerializer(serializers.Serializer[Any]):
    """A rejection."""

    answer = StrictCharField(
        required=False, allow_blank=True, max_length=ANSWER_LENGTH, help_text="The person reads it."
    )
