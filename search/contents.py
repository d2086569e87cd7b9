"""What tweets contain besides words, for `has:`."""

from collections.abc import Iterable, Iterator

from tweets import text as texts
from tweets.models import Tweet


def kinds(tweets: Iterable[Tweet]) -> dict[int, set[str]]:
    """Return the kinds of contents of each tweet, by its id: see search.query.HAS."""
    return {tweet.pk: set(_kinds(tweet)) for tweet in tweets}


def _kinds(tweet: Tweet) -> Iterator[str]:
    if texts.parse(tweet.text).links:
        yield "link"
    if tweet.has_poll:
        yield "poll"
    if tweet.media_count and not tweet.media_hidden:
        yield "media"
