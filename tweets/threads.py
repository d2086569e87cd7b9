"""Post a thread: several tweets at once, each of which answers the one before."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from accounts.models import User
from chirp.errors import ChirpError
from chirp.texts import ntext
from chirp.texts import text as _
from tweets.models import Tweet
from tweets.posting import post_tweet

MAX_TWEETS = 25


class BadThread(ChirpError):
    """Raised when a thread has no tweets or too many, or a later tweet names another parent."""

    message = ntext(
        "A thread has 1 to %(num)s tweets.", "A thread has 1 to %(num)s tweets.", MAX_TWEETS
    )
    field = "tweets"


def post_thread(*, author: User, tweets: Sequence[Mapping[str, Any]]) -> list[Tweet]:
    """Post all of `tweets` or none, and return them in their order.

    Each is a mapping of the arguments of `post_tweet`, and answers the one before. Only the first
    can have a `reply_to_id`. Raises BadThread, and what `post_tweet` raises; the field of such an
    error is then "tweets.2.text", counted from 0.
    """
    if not 1 <= len(tweets) <= MAX_TWEETS:
        raise BadThread
    posted: list[Tweet] = []
    with transaction.atomic():
        for number, tweet in enumerate(tweets):
            with _errors_name_the_tweet(number):
                posted.append(post_tweet(author=author, **_chained(tweet, posted)))
    return posted


def _chained(tweet: Mapping[str, Any], above: Sequence[Tweet]) -> Mapping[str, Any]:
    """Return the arguments of a tweet that answers the last one `above`."""
    if not above:
        return tweet
    if tweet.get("reply_to_id") is not None:
        message = _("Only the first tweet of a thread can answer another tweet.")
        raise BadThread(message, field="reply_to_id")
    return {**tweet, "reply_to_id": above[-1].pk}


@contextmanager
def _errors_name_the_tweet(number: int) -> Iterator[None]:
    try:
        yield
    except ChirpError as error:
        field = f"tweets.{number}.{error.at}" if error.at else f"tweets.{number}"
        raise type(error)(error.text, field=field, retry_after=error.retry_after) from None
