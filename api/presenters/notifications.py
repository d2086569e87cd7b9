"""Notifications, requests, read positions and settings as JSON, and their serializers."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from api.pages import page_body
from api.presenters.people import ProfileSerializer, represent_profiles
from api.presenters.tweets import represent
from api.request_fields import IdField, StrictBooleanField
from api.schema import base_of
from chirp.pagination import Page
from chirp.times import rfc3339
from notifications.kinds import CHOICES, Kind
from notifications.models import Marker, Settings
from notifications.models import Request as StrangersRequest
from notifications.selectors import Item, Stranger
from tweets.read.facts import Facts

Json = dict[str, Any]


def represent_items(request: Request, page: Page[Item], *, viewer: User) -> Json:
    """The JSON of a page of notifications."""
    shown = represent_groups(page.results, viewer=viewer, base=base_of(request))
    return page_body(request, Page(shown, next=page.next, previous=page.previous))


def represent_groups(items: Sequence[Item], *, viewer: User, base: str) -> list[Json]:
    """The JSON of notifications."""
    profiles = _profiles(base, [a for item in items for a in item.actors], viewer)
    return [
        {
            "id": str(item.id),
            "kind": item.kind,
            "count": item.count,
            "actors": [profiles[actor.pk] for actor in item.actors],
            "tweet": _tweet(base, item.tweet),
            "note": item.note,
            "latest_id": str(item.latest_id),
            "latest_at": rfc3339(item.latest_at),
            "unread": item.unread,
        }
        for item in items
    ]


def represent_strangers(request: Request, page: Page[Stranger], *, viewer: User) -> Json:
    """The JSON of a page of requests."""
    base = base_of(request)
    profiles = _profiles(base, [stranger.actor for stranger in page.results], viewer)
    shown = [
        {
            "actor": profiles[stranger.actor.pk],
            "count": stranger.count,
            "kind": stranger.kind,
            "tweet": _tweet(base, stranger.tweet),
            "latest_id": str(stranger.latest_id),
            "latest_at": rfc3339(stranger.latest_at),
        }
        for stranger in page.results
    ]
    return page_body(request, Page(shown, next=page.next, previous=page.previous))


def represent_decision(request: StrangersRequest | None) -> Json:
    """The JSON of what was decided about a stranger."""
    if request is None:
        return {"accepted": False, "count": 0}
    return {"accepted": request.accepted, "count": request.count}


def represent_marker(name: str, marker: Marker | None) -> Json:
    """The JSON of a read position, which may never have been set."""
    if marker is None:
        return {"name": name, "last_read_id": None, "version": 0, "updated_at": None}
    return {
        "name": name,
        "last_read_id": str(marker.last_read_id),
        "version": marker.version,
        "updated_at": rfc3339(marker.updated_at),
    }


def represent_settings(settings: Settings) -> Json:
    """The JSON of notification settings."""
    return {
        "kinds": {
            str(kind): {"site": kind not in settings.off, "email": kind in settings.mailed}
            for kind in Kind
        },
        "strangers": settings.strangers,
        "digest": settings.digest,
    }


def _profiles(base: str, users: Sequence[User], viewer: User) -> dict[int, Json]:
    """Profiles by id. Takes one query at most."""
    distinct = list({user.pk: user for user in users}.values())
    profiles = represent_profiles(viewer=viewer, users=distinct, base=base)
    return {user.pk: profile for user, profile in zip(distinct, profiles, strict=True)}


def _tweet(base: str, tweet: Facts | None) -> Json | None:
    return None if tweet is None else represent(tweet, base=base)


@extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/Tweet"}, {"type": "null"}]})
class TweetOrNullField(serializers.ReadOnlyField):
    """A tweet, or null."""


class NotificationSerializer(serializers.Serializer[Any]):
    """A group of notifications about the same: "A and 4 others liked your tweet"."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=CHOICES)
    count = serializers.IntegerField(min_value=0, help_text="Number of accounts.")
    actors = ProfileSerializer(
        many=True, help_text="The latest accounts, at most five. Empty for a notice."
    )
    tweet = TweetOrNullField(
        help_text="The tweet that it is about: for replies, quotes and mentions the new one. Null "
        "for follows."
    )
    note = serializers.CharField(help_text="The text of a notice from moderators; else empty.")
    latest_id = serializers.CharField(help_text="Its position, for `up_to` and markers.")
    latest_at = serializers.DateTimeField()
    unread = serializers.BooleanField()


class NotificationRequestSerializer(serializers.Serializer[Any]):
    """A stranger whose notifications are filtered, with the latest of them."""

    actor = ProfileSerializer()
    count = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=CHOICES)
    tweet = TweetOrNullField()
    latest_id = serializers.CharField()
    latest_at = serializers.DateTimeField()


class DecisionSerializer(serializers.Serializer[Any]):
    """What was decided about the notifications of a stranger."""

    accepted = serializers.BooleanField(help_text="They are shown like those of others.")
    count = serializers.IntegerField(min_value=0, help_text="Number that wait in the requests.")


class UnreadSerializer(serializers.Serializer[Any]):
    """The number of unread notifications."""

    count = serializers.IntegerField(min_value=0, max_value=100, help_text="Counted up to 100.")


class ReadUpToSerializer(serializers.Serializer[Any]):
    """Up to where notifications were read."""

    up_to = IdField(
        required=False,
        allow_null=True,
        help_text="The `latest_id` of a notification. Without it all are marked as read.",
    )


class MarkerSerializer(serializers.Serializer[Any]):
    """A read position."""

    name = serializers.ChoiceField(choices=Marker.Name.choices)
    last_read_id = serializers.CharField(allow_null=True, help_text="Null if it was never set.")
    version = serializers.IntegerField(min_value=0, help_text="Grows with each change.")
    updated_at = serializers.DateTimeField(allow_null=True)


class NewMarkerSerializer(serializers.Serializer[Any]):
    """A new read position."""

    last_read_id = IdField(
        help_text="In home the id of a tweet, in notifications the `latest_id` of one."
    )
    back = StrictBooleanField(
        required=False, help_text="Accept a position before the present one. Defaults to false."
    )


_SWITCH = {"type": "boolean"}
_SWITCHES = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"site": _SWITCH, "email": _SWITCH},
}


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {str(kind): _SWITCHES for kind in Kind},
    }
)
class SwitchesField(serializers.Field[Any, Any, Any, Any]):
    """By kind, whether there are notifications on the site and in the digest."""

    default_error_messages = {
        "invalid": 'Must be an object such as {{"like": {{"site": false}}}}.',
        "unknown": "There is no kind {name}.",
        "switch": "{name}: site and email are true or false.",
    }

    def to_internal_value(self, data: Any) -> Any:
        """The switches as given. Raises ValidationError for other names and types."""
        if not isinstance(data, dict):
            self.fail("invalid")
        for name, switches in data.items():
            if name not in list(Kind):
                self.fail("unknown", name=name)
            self._check(name, switches)
        return data

    def to_representation(self, value: Any) -> Any:
        """The switches as they are."""
        return value

    def _check(self, name: str, switches: Any) -> None:
        is_object = isinstance(switches, dict) and set(switches) <= {"site", "email"}
        if not is_object or not all(isinstance(on, bool) for on in switches.values()):
            self.fail("switch", name=name)


class NotificationSettingsSerializer(serializers.Serializer[Any]):
    """How the account hears of what concerns it."""

    kinds = SwitchesField()
    strangers = serializers.ChoiceField(choices=Settings.Strangers.choices)
    digest = serializers.ChoiceField(choices=Settings.Digest.choices)


class NotificationSettingsChangesSerializer(serializers.Serializer[Any]):
    """Changes to notification settings. Omitted fields and kinds keep their values."""

    kinds = SwitchesField(required=False)
    strangers = serializers.ChoiceField(
        choices=Settings.Strangers.choices,
        required=False,
        help_text="Accounts that the viewer does not follow. Their follows and requests always "
        "arrive.",
    )
    digest = serializers.ChoiceField(
        choices=Settings.Digest.choices,
        required=False,
        help_text="How often unread notifications are sent by e-mail.",
    )

    def validate(self, attrs: Json) -> Json:
        """Return the arguments of `notifications.preferences.change`."""
        kinds = attrs.pop("kinds", {})
        for way in ("site", "email"):
            attrs[way] = {name: on[way] for name, on in kinds.items() if way in on}
        return attrs
