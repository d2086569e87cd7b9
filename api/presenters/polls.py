"""Polls as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from api.request_fields import StrictBooleanField, StrictCharField, StrictIntegerField
from chirp.times import rfc3339
from tweets.polls.read import PollState
from tweets.polls.rules import (
    CHOICE_LENGTH,
    MAX_CHOICES,
    MAX_SECONDS,
    MIN_CHOICES,
    MIN_SECONDS,
    NewPoll,
)

Json = dict[str, Any]


def represent_poll(poll: PollState, *, signed_in: bool) -> Json:
    """The JSON of a poll."""
    votes = poll.votes or [None] * len(poll.choices)
    choices = zip(poll.choices, votes, strict=True)
    viewer = {"voted": poll.chosen is not None, "choices": list(poll.chosen or ())}
    return {
        "id": str(poll.id),
        "choices": [{"text": text, "votes": number} for text, number in choices],
        "voters": poll.voters,
        "multiple": poll.multiple,
        "hide_results": poll.hide_results,
        "ends_at": rfc3339(poll.ends_at),
        "ended": poll.ended,
        "viewer": viewer if signed_in else None,
    }


class PollChoiceSerializer(serializers.Serializer[Any]):
    """A choice of a poll."""

    text = serializers.CharField()
    votes = serializers.IntegerField(
        allow_null=True, min_value=0, help_text="Null while the results are hidden."
    )


class PollViewerSerializer(serializers.Serializer[Any]):
    """The viewer's vote."""

    voted = serializers.BooleanField()
    choices = serializers.ListField(
        child=serializers.IntegerField(min_value=0), help_text="What the viewer voted for, from 0."
    )


class PollSerializer(serializers.Serializer[Any]):
    """The poll of a tweet."""

    id = serializers.CharField(help_text="The id of its tweet.")
    choices = PollChoiceSerializer(many=True)
    voters = serializers.IntegerField(min_value=0, help_text="How many accounts have voted.")
    multiple = serializers.BooleanField(help_text="Whether one may vote for several choices.")
    hide_results = serializers.BooleanField(help_text="Nobody sees the votes before the end.")
    ends_at = serializers.DateTimeField()
    ended = serializers.BooleanField()
    viewer = PollViewerSerializer(allow_null=True, help_text="Null for anonymous visitors.")


class NewPollSerializer(serializers.Serializer[Any]):
    """The poll of a new tweet."""

    choices = serializers.ListField(
        child=StrictCharField(allow_blank=True, max_length=4 * CHOICE_LENGTH),
        min_length=MIN_CHOICES,
        max_length=MAX_CHOICES,
        help_text=f"Different texts of 1 to {CHOICE_LENGTH} characters.",
    )
    expires_in = StrictIntegerField(
        min_value=MIN_SECONDS,
        max_value=MAX_SECONDS,
        help_text="Seconds until the poll ends: 5 minutes to 7 days.",
    )
    multiple = StrictBooleanField(required=False)
    hide_results = StrictBooleanField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """The poll as a `NewPoll`. Raises ValidationError."""
        values = super().to_internal_value(data)
        return NewPoll(seconds=values.pop("expires_in"), **values)


class VoteSerializer(serializers.Serializer[Any]):
    """A vote."""

    choices = serializers.ListField(
        child=StrictIntegerField(min_value=0, max_value=MAX_CHOICES - 1),
        min_length=1,
        max_length=MAX_CHOICES,
        help_text="The numbers of the chosen choices, from 0.",
    )
