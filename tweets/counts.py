"""Update the counts that are stored with tweets and accounts."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import F

from accounts import counts as account_counts
from tweets import sql
from tweets.models import Tweet


def count_tweet(tweet: Tweet, *, by: int) -> None:
    """Add a tweet to (`by=1`) or remove it from (`by=-1`) every count that includes it.

    These are a count of its author and counts of the tweets that it refers to. The caller must
    hold the lock on the author.
    """
    account_counts.add([tweet.author_id], "tweets", by)
    counted = counted_by(tweet)
    for tweet_id in sorted(counted):
        changes = {name: F(name) + by for name in counted[tweet_id]}
        Tweet.objects.filter(pk=tweet_id).update(**changes)


def count_like(*, user_id: int, tweet_id: int, by: int) -> None:
    """Add a like to (`by=1`) or remove it from (`by=-1`) the counts of its account and its tweet.

    The caller must hold the lock on the account.
    """
    account_counts.add([user_id], "likes", by)
    Tweet.objects.filter(pk=tweet_id).update(likes_count=F("likes_count") + by)


def counted_by(tweet: Tweet) -> Mapping[int, list[str]]:
    """Return the counts that include a tweet: {id of the counting tweet: [count fields]}."""
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
    """Set the count `name` of several tweets. `counts` maps tweet ids to the correct values."""
    with connection.cursor() as cursor:
        query = sql.OVERWRITE_COUNT.format(column=f"{name}_count")
        cursor.execute(query, [list(counts), list(counts.values())])
