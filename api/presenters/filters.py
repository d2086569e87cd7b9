"""Filters as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from api.request_fields import StrictBooleanField, StrictCharField, StrictDateTimeField
from chirp.times import rfc3339
from filters.matching import Phrase
from filters.models import PHRASE_LENGTH, TITLE_LENGTH, Action, Context, Filter
from filters.services import MAX_PHRASES

Json = dict[str, Any]


def represent(found: Filter) -> Json:
    """The JSON of a filter with its phrases."""
    phrases = sorted(found.phrases.all(), key=lambda phrase: phrase.pk)
    return {
        "id": str(found.pk),
        "title": found.title,
        "phrases": [{"text": each.text, "whole_word": each.whole_word} for each in phrases],
        "contexts": found.contexts,
        "action": found.action,
        "expires_at": found.expires_at and rfc3339(found.expires_at),
    }


class PhraseSerializer(serializers.Serializer[Any]):
    """A phrase of a filter."""

    text = StrictCharField(
        max_length=PHRASE_LENGTH,
        help_text="Found regardless of case. One that begins with # is a hashtag.",
    )
    whole_word = StrictBooleanField(
        default=True, help_text="Do not find it within a longer word. Defaults to true."
    )

    def to_internal_value(self, data: Any) -> Any:
        """The phrase as a `Phrase`. Raises ValidationError."""
        return Phrase(**super().to_internal_value(data))


class FilterSerializer(serializers.Serializer[Any]):
    """A filter."""

    id = serializers.CharField()
    title = serializers.CharField()
    phrases = PhraseSerializer(many=True)
    contexts = serializers.ListField(child=serializers.ChoiceField(choices=Context.choices))
    action = serializers.ChoiceField(choices=Action.choices)
    expires_at = serializers.DateTimeField(allow_null=True)


class ChangeFilterSerializer(serializers.Serializer[Any]):
    """Changes to a filter. Omitted fields keep their values."""

    title = StrictCharField(max_length=TITLE_LENGTH, required=False)
    phrases = PhraseSerializer(
        many=True, required=False, help_text=f"At most {MAX_PHRASES}, in place of those there are."
    )
    contexts = serializers.ListField(
        child=serializers.ChoiceField(choices=Context.choices),
        required=False,
        max_length=20,
        help_text="Where it applies.",
    )
    action = serializers.ChoiceField(choices=Action.choices, required=False)
    expires_at = StrictDateTimeField(
        required=False, allow_null=True, help_text="When it ends; null for never."
    )


class NewFilterSerializer(ChangeFilterSerializer):
    """A new filter."""

    title = StrictCharField(max_length=TITLE_LENGTH, help_text="A name for it; a warning shows it.")
    phrases = PhraseSerializer(many=True, help_text=f"From one to {MAX_PHRASES} phrases.")
    contexts = serializers.ListField(
        child=serializers.ChoiceField(choices=Context.choices),
        max_length=20,
        help_text="Where it applies.",
    )
