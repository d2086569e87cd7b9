"""Drafts and scheduled tweets as JSON, and their serializers."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from api.presenters.new_tweets import NewTweetSerializer
from api.request_fields import StrictDateTimeField
from chirp.times import rfc3339
from tweets.later.models import Draft, ScheduledTweet
from tweets.threads import MAX_TWEETS

Json = dict[str, Any]


def represent_draft(draft: Draft) -> Json:
    """The JSON of a draft."""
    return {
        "id": str(draft.pk),
        "updated_at": rfc3339(draft.updated_at),
        "reason": draft.reason,
        "tweets": _tweets(draft.content),
    }


def represent_scheduled(row: ScheduledTweet) -> Json:
    """The JSON of a scheduled tweet."""
    return {"id": str(row.pk), "due_at": rfc3339(row.due_at), "tweets": _tweets(row.content)}


def _tweets(content: Sequence[Mapping[str, Any]]) -> list[Json]:
    """New tweets as a client sends them, so that they can be sent again as they are."""
    fields = NewTweetSerializer().fields
    return [
        {name: fields[name].to_representation(_sent(name, value)) for name, value in tweet.items()}
        for tweet in content
    ]


def _sent(name: str, value: Any) -> Any:
    if name != "poll":
        return value
    return {**value, "expires_in": value["seconds"]}


class DraftTweetSerializer(NewTweetSerializer):
    """A tweet of a draft: as a new tweet, of which all is optional."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields of a new tweet, none of them required."""
        fields = super().get_fields()
        fields["text"].required = False
        return fields


class NewDraftSerializer(serializers.Serializer[Any]):
    """What a draft holds."""

    tweets = DraftTweetSerializer(  # type: ignore[call-arg]  # those of the list
        many=True,
        min_length=1,
        max_length=MAX_TWEETS,
        help_text="One tweet, or several for a thread. Texts and references are checked when they "
        "are posted.",
    )


class DraftSerializer(serializers.Serializer[Any]):
    """A draft."""

    id = serializers.CharField()
    updated_at = serializers.DateTimeField()
    reason = serializers.CharField(
        help_text="Why a scheduled tweet could not be posted at its time. Empty for other drafts."
    )
    tweets = DraftTweetSerializer(many=True)


class NewScheduledSerializer(serializers.Serializer[Any]):
    """What is posted, and when."""

    due_at = StrictDateTimeField(help_text="When it is posted: at most a year from now.")
    tweets = NewTweetSerializer(  # type: ignore[call-arg]  # those of the list
        many=True,
        min_length=1,
        max_length=MAX_TWEETS,
        help_text="One tweet, or several for a thread.",
    )


class ChangedScheduledSerializer(NewScheduledSerializer):
    """Changes of what is posted or when. Omitted fields keep their values."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The same fields, none of them required."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ScheduledSerializer(serializers.Serializer[Any]):
    """A scheduled tweet or thread."""

    id = serializers.CharField()
    due_at = serializers.DateTimeField()
    tweets = NewTweetSerializer(many=True)
