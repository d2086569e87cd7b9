"""What drafts and scheduled tweets hold, as JSON: the arguments of one or more new tweets."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from tweets.places import NewPlace
from tweets.polls.rules import NewPoll

NewTweet = Mapping[str, Any]  # the arguments of post_tweet
KINDS = {"location": NewPlace, "poll": NewPoll}


def stored(tweets: Sequence[NewTweet]) -> list[dict[str, Any]]:
    """Return new tweets in the form to store. What is None, and no media, is left out."""
    return [
        {name: _plain(value) for name, value in tweet.items() if value not in (None, ())}
        for tweet in tweets
    ]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value


def restored(content: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the new tweets that `stored` was given."""
    return [
        {name: KINDS[name](**value) if name in KINDS else value for name, value in tweet.items()}
        for tweet in content
    ]
