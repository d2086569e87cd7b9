"""The serializers of what clients send of a tweet: a new one, and changes."""

from typing import Any

from rest_framework import serializers

from api.presenters.polls import NewPollSerializer
from api.request_fields import (
    IdField,
    NullField,
    StrictBooleanField,
    StrictCharField,
    StrictFloatField,
)
from chirp.plain_text import MAX_CLUSTER
from media.services import MAX_IMAGES
from tweets import text as texts
from tweets.controls import QUOTES_CHOICES, REPLIES_CHOICES
from tweets.models import SPOILER_LENGTH
from tweets.places import NAME_LENGTH, NewPlace
from tweets.visibility import CHOICES

Json = dict[str, Any]
CONTROLS = ("replies_from", "quotes_from")
READ_ONLY = ("visibility", "reply_to_id", "quote_of_id", *CONTROLS, "poll", "media_ids")
CANNOT_CHANGE = "This cannot be changed."
CANNOT_MOVE = "The location can only be removed, with null."


class NewLocationSerializer(serializers.Serializer[Any]):
    """The location of a new tweet."""

    lat = StrictFloatField(min_value=-90, max_value=90, help_text="Latitude in degrees.")
    lon = StrictFloatField(min_value=-180, max_value=180, help_text="Longitude in degrees.")
    name = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=NAME_LENGTH,
        help_text="The name of the place, without line breaks.",
    )
    exact = StrictBooleanField(
        required=False,
        help_text="Round the coordinates to about ten centimetres. By default they are rounded to "
        "about a kilometre before they are stored, so that no exact location is kept.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """The location as a `NewPlace`. Raises ValidationError."""
        return NewPlace(**super().to_internal_value(data))


class NewTweetSerializer(serializers.Serializer[Any]):
    """A new tweet."""

    text = StrictCharField(
        allow_blank=True,
        max_length=texts.MAX_CODE_POINTS,
        help_text=f"At most {texts.MAX_LENGTH} characters, counted as grapheme clusters; a link "
        f"counts as {texts.LINK_LENGTH}. At most {texts.MAX_CODE_POINTS} code points, and "
        f"{MAX_CLUSTER} in one grapheme cluster. Of more than two blank lines in a row, two are "
        "kept. May be blank with a quote, a poll or media.",
    )
    media_ids = serializers.ListField(
        child=IdField(),
        required=False,
        allow_null=True,
        max_length=MAX_IMAGES,
        help_text="Uploads of the author: up to four pictures, or one other file. Not with a poll.",
    )
    reply_to_id = IdField(required=False, allow_null=True)
    quote_of_id = IdField(required=False, allow_null=True)
    visibility = serializers.ChoiceField(choices=CHOICES, required=False)
    sensitive = StrictBooleanField(required=False)
    spoiler = StrictCharField(required=False, allow_blank=True, max_length=SPOILER_LENGTH)
    language = StrictCharField(
        required=False, allow_blank=True, help_text="A BCP 47 language tag, such as `en`."
    )
    location = NewLocationSerializer(required=False, allow_null=True)
    poll = NewPollSerializer(required=False, allow_null=True)
    replies_from = serializers.ChoiceField(
        choices=REPLIES_CHOICES,
        required=False,
        help_text="Who may reply: `followed` are the accounts that the author follows. Only for "
        "the first tweet of a conversation, and for all replies in it.",
    )
    quotes_from = serializers.ChoiceField(
        choices=QUOTES_CHOICES,
        required=False,
        help_text="Without it, what the account has chosen for its tweets.",
    )

    def to_internal_value(self, data: Any) -> Json:
        """The values, with no media where there are none."""
        values: Json = super().to_internal_value(data)
        return {**values, "media_ids": values.get("media_ids") or ()}


class EditTweetSerializer(serializers.Serializer[Any]):
    """Changes to a tweet. Omitted fields keep their values."""

    text = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=texts.MAX_CODE_POINTS,
        help_text="As for a new tweet.",
    )
    sensitive = StrictBooleanField(required=False)
    spoiler = StrictCharField(required=False, allow_blank=True, max_length=SPOILER_LENGTH)

    location = NullField(
        required=False,
        error_messages={"invalid": CANNOT_MOVE},
        help_text="Null removes the location, which does not mark the tweet as edited. Omit the "
        "field to keep the location.",
    )

    def to_internal_value(self, data: Any) -> Json:
        """The changes. Raises ValidationError for fields that cannot be changed, too."""
        values: Json = super().to_internal_value(data)
        refused = [name for name in READ_ONLY if name in data]
        if refused:
            raise serializers.ValidationError({name: [CANNOT_CHANGE] for name in refused})
        changes = {name: value for name, value in values.items() if name != "location"}
        return changes | {"remove_place": "location" in values}
