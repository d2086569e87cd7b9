"""Serializers of threads."""

from typing import Any

from rest_framework import serializers

from api.presenters.new_tweets import NewTweetSerializer
from api.presenters.tweets import TweetSerializer
from tweets.threads import MAX_TWEETS


class NewThreadSerializer(serializers.Serializer[Any]):
    """A new thread."""

    tweets = NewTweetSerializer(  # type: ignore[call-arg]  # those of the list
        many=True,
        min_length=1,
        max_length=MAX_TWEETS,
        help_text=f"1 to {MAX_TWEETS} tweets. Each answers the one before, so only the first can "
        "have a `reply_to_id`.",
    )


class PostedThreadSerializer(serializers.Serializer[Any]):
    """A thread that was posted."""

    tweets = TweetSerializer(many=True, help_text="The tweets in the order of the request.")


class PinnedSerializer(serializers.Serializer[Any]):
    """The tweets that a user pinned."""

    results = TweetSerializer(many=True)
