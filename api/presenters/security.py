"""The security log of the signed-in user as JSON."""

from typing import Any

from rest_framework import serializers

from accounts.models import SecurityEvent
from chirp.times import rfc3339


def represent(event: SecurityEvent) -> dict[str, Any]:
    """One entry of the log."""
    return {
        "id": str(event.pk),
        "kind": event.kind,
        "text": event.get_kind_display(),
        "address": event.address or None,
        "created_at": rfc3339(event.created_at),
    }


class SecurityEventSerializer(serializers.Serializer[Any]):
    """Something that concerns the security of the account."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(SecurityEvent.Kind.values)
    text = serializers.CharField(help_text="What happened, for people.")
    address = serializers.CharField(
        allow_null=True,
        help_text="The IP address of the client. Null for an operator, and if it is unknown.",
    )
    created_at = serializers.DateTimeField()
