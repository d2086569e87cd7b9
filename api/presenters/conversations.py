"""Conversations of direct tweets as JSON, and their serializers."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.presenters.tweets import TweetSerializer, represent_all
from api.request_fields import IdField
from tweets.conversations.read import DirectConversation


def represent_conversations(
    conversations: Sequence[DirectConversation], *, base: str
) -> list[dict[str, Any]]:
    """The JSON of conversations."""
    tweets = represent_all([conversation.newest for conversation in conversations], base=base)
    return [
        {
            "id": str(conversation.id),
            "participants": conversation.participants,
            "unread": conversation.unread,
            "tweet": tweet,
        }
        for conversation, tweet in zip(conversations, tweets, strict=True)
    ]


class ConversationSerializer(serializers.Serializer[Any]):
    """A conversation of direct tweets."""

    id = serializers.CharField(help_text="An id of the viewer's own.")
    participants = serializers.ListField(
        child=serializers.CharField(),
        help_text="The handles of the author of the newest tweet and of those it mentions, without "
        "the viewer.",
    )
    unread = serializers.BooleanField(help_text="The newest tweet is not read yet.")
    tweet = TweetSerializer(help_text="The newest direct tweet.")


class ReadSerializer(serializers.Serializer[Any]):
    """Up to where a conversation is read."""

    up_to = IdField(
        required=False, allow_null=True, help_text="The id of a tweet. By default the newest."
    )
