"""The counts on the rows of tweets, and the share that a tweet has in others' counts."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import F

from accounts import counts as account_counts
from tweets import sql
from tweets.models import Tweet


def count_tweet(tweet: Tweet, *, by: int) -> None:
    """Count a tweet in (`by=1`) or out (`by=-1`): with its author and with what it refers to.

    The author must be locked.
    """
    account_counts.add([tweet.author_id], "tweets", by)
    counted = counted_by(tweet)
    for tweet_id in sorted(counted):
        changes = {name: F(name) + by for name in counted[tweet_id]}
        Tweet.objects.filter(pk=tweet_id).update(**changes)


def count_like(*, user_id: int, tweet_id: int, by: int) -> None:
    """Count a like in or out, with its account, which must be locked, and with its tweet."""
    account_counts.add([user_id], "likes", by)
    Tweet.objects.filter(pk=tweet_id).update(likes_count=F("likes_count") + by)


def counted_by(tweet: Tweet) -> Mapping[int, list[str]]:
    """The names of the counts that a tweet is part of, by the ids of the tweets that have them."""
    counted: dict[int, list[str]] = {}
    for tweet_id, name in (
        (tweet.repost_of_id, "reposts_count"),
        (tweet.reply_to_id, "replies_count"),
        (tweet.quote_of_id, "quotes_count"),
    ):
        if tweet_id is not None:
            counted.setdefault(tweet_id, []).append(name)
    return counted


def overwrite(name: str, counts: Mapping[int, int]) -> None:
    """Set one count of these tweets to what was counted."""
    with connection.cursor() as cursor:
        query = sql.OVERWRITE_COUNT.format(column=f"{name}_count")
        cursor.execute(query, [list(counts), list(counts.values())])
