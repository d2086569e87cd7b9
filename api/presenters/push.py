"""Devices that get notifications, as JSON, and their serializers."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.request_fields import StrictCharField
from chirp.outbound.addresses import URL_LENGTH
from chirp.times import rfc3339
from notifications.kinds import CHOICES, Kind
from notifications.push import vapid
from notifications.push.models import PushSubscription
from notifications.push.subscriptions import Subscribed

Json = dict[str, Any]


def represent_all(found: Sequence[Subscribed]) -> Json:
    """The JSON of the devices of an account."""
    return {"public_key": vapid.public_key(), "devices": [represent(each) for each in found]}


def represent(found: Subscribed) -> Json:
    """The JSON of a device."""
    row = found.row
    return {
        "id": str(row.pk),
        "name": found.name,
        "current": found.current,
        "endpoint": row.endpoint if found.current else None,
        "kinds": row.kinds,
        "policy": row.policy,
        "created_at": rfc3339(row.created_at),
        "succeeded_at": rfc3339(row.succeeded_at) if row.succeeded_at else None,
    }


class DeviceSerializer(serializers.Serializer[Any]):
    """A device that gets notifications."""

    id = serializers.CharField()
    name = serializers.CharField(help_text="A name for people, such as Firefox on Linux.")
    current = serializers.BooleanField(help_text="It belongs to the sign-in that asks.")
    endpoint = serializers.CharField(allow_null=True, help_text="Null unless it is `current`.")
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=CHOICES))
    policy = serializers.ChoiceField(choices=PushSubscription.Policy.choices)
    created_at = serializers.DateTimeField()
    succeeded_at = serializers.DateTimeField(
        allow_null=True, help_text="When its push service last took a message."
    )


class DevicesSerializer(serializers.Serializer[Any]):
    """The devices of an account, and the key with which to subscribe one."""

    public_key = serializers.CharField(
        help_text="`applicationServerKey` for browsers: a point on P-256 in base64url."
    )
    devices = DeviceSerializer(many=True)


class DeviceKeysSerializer(serializers.Serializer[Any]):
    """The keys of a device, as `PushSubscription.toJSON()` has them: base64url."""

    p256dh = StrictCharField(max_length=200, allow_blank=True)
    auth = StrictCharField(max_length=100, allow_blank=True)


class NewDeviceSerializer(serializers.Serializer[Any]):
    """A device, as `PushSubscription.toJSON()` describes it, and what it wants to hear of."""

    endpoint = StrictCharField(
        allow_blank=True, max_length=URL_LENGTH, help_text="An https address on the usual port."
    )
    keys = DeviceKeysSerializer()
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=CHOICES),
        required=False,
        max_length=len(Kind),
        help_text="Without it as before; at first all but likes and reposts.",
    )
    policy = serializers.ChoiceField(
        choices=PushSubscription.Policy.choices,
        required=False,
        help_text="Whose doings it hears of. Without it as before; at first everybody's.",
    )
