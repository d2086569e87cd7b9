"""What tweets contain besides words, for `has:`."""

from collections.abc import Iterable

from tweets import text as texts
from tweets.models import Tweet


def kinds(tweets: Iterable[Tweet]) -> dict[int, set[str]]:
    """Return the kinds of contents of each tweet, by its id: see search.query.HAS."""
    return {tweet.pk: {"link"} if texts.parse(tweet.text).links else set() for tweet in tweets}
