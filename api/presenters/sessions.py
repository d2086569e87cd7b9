"""Where the signed-in user is signed in, as JSON."""

from typing import Any

from rest_framework import serializers

from accounts.sessions import SignIn
from chirp.times import rfc3339


def represent(sign_in: SignIn) -> dict[str, Any]:
    """One sign-in."""
    return {
        "id": sign_in.id,
        "kind": sign_in.kind,
        "device": sign_in.device,
        "address": sign_in.address or None,
        "created_at": rfc3339(sign_in.created_at),
        "last_seen_at": rfc3339(sign_in.last_seen_at),
        "current": sign_in.current,
    }


class SessionSerializer(serializers.Serializer[Any]):
    """A place where the account is signed in."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(["site", "api"])
    device = serializers.CharField(help_text="A name for people, such as Firefox on Linux.")
    address = serializers.CharField(allow_null=True, help_text="The IP address of its client.")
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(help_text="Within some minutes.")
    current = serializers.BooleanField(help_text="It is the one that asks.")
