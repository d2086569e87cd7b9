"""The counts that are stored with tweets and accounts, and how they change.

Everyone sees these counts, so they count what an anonymous visitor can see: public and unlisted
tweets that are neither deleted nor hidden. The counts of a tweet leave out what private,
deactivated and suspended accounts did; the count of an account's own tweets does not depend on its
own state.

A change counts in its own transaction. When an account becomes visible or invisible, a task redoes
the counts of others (tweets/recounts.py). Until that is done, what the account takes back is not
subtracted, since it may not be counted: the count is redone at once.
"""

from collections.abc import Collection, Mapping

from django.db import connection, transaction
from django.db.models import F

from accounts import counts as account_counts
from accounts.locks import lock_account, lock_accounts, lock_and_count_tweet
from tweets.locks import lock_tweets
from tweets.models import Tweet
from tweets.sql import counts as sql
from tweets.sql.counts import Counter
from tweets.visibility import PUBLIC_OR_UNLISTED


def lock_author(author_id: int, *, visibility: str) -> bool:
    """Lock the author of a new tweet, and count it among those of the author.

    Returns whether the account is public, as `lock_account` does.
    """
    counted = visibility in PUBLIC_OR_UNLISTED
    return (lock_and_count_tweet if counted else lock_account)(author_id)


def count_references(tweet: Tweet, *, author_is_public: bool) -> None:
    """Count a new tweet among the replies, quotes or reposts of those that it refers to.

    The caller must hold the lock on the author.
    """
    if author_is_public and tweet.visibility in PUBLIC_OR_UNLISTED:
        _add(tweet, 1)


def count_new(tweet: Tweet, *, author_is_public: bool) -> None:
    """Count a new tweet whose author is locked already."""
    if tweet.visibility in PUBLIC_OR_UNLISTED:
        account_counts.add([tweet.author_id], "tweets", 1)
    count_references(tweet, author_is_public=author_is_public)


def count_removed(tweet: Tweet, *, author_is_public: bool) -> None:
    """Stop to count a tweet that has just been deleted.

    The caller must hold the locks on the author and on the tweets that count it.
    """
    if tweet.visibility not in PUBLIC_OR_UNLISTED or tweet.hidden_at is not None:
        return
    if tweet.repost_of_id is None:
        account_counts.add([tweet.author_id], "tweets", -1)
    else:  # whether it was counted depends on what has become of the original
        recount(sql.USER_TWEETS, [tweet.author_id])
    if account_counts.being_recounted([tweet.author_id]):
        recount_referred(tweet)
    elif author_is_public:
        _add(tweet, -1)


def count_like(*, user_id: int, tweet_id: int, by: int, user_is_public: bool) -> None:
    """Count a new like (`by=1`) or stop to count one that has just been deleted (`by=-1`).

    The caller must hold the lock on the account.
    """
    account_counts.add([user_id], "likes", by)
    if by < 0 and account_counts.being_recounted([user_id]):
        recount(sql.TWEET_LIKES, [tweet_id])
    elif user_is_public:
        Tweet.objects.filter(pk=tweet_id).update(likes_count=F("likes_count") + by)


def _add(tweet: Tweet, by: int) -> None:
    """Add `by` to the counts of the tweets that `tweet` refers to."""
    counted = counted_by(tweet)
    for tweet_id in sorted(counted):
        changes = {name: F(name) + by for name in counted[tweet_id]}
        Tweet.objects.filter(pk=tweet_id).update(**changes)


def counted_by(tweet: Tweet) -> Mapping[int, list[str]]:
    """Return the counts that include a tweet: {id of the counting tweet: [count fields]}."""
    counted: dict[int, list[str]] = {}
    for tweet_id, name in (
        (tweet.repost_of_id, "reposts_count"),
        (tweet.reply_to_id, "replies_count"),
        (None if tweet.quote_detached else tweet.quote_of_id, "quotes_count"),
    ):
        if tweet_id is not None:
            counted.setdefault(tweet_id, []).append(name)
    return counted


def recount_referred(tweet: Tweet) -> None:
    """Redo the counts of the tweets that `tweet` refers to. Call it in a transaction."""
    for counter in (sql.TWEET_REPOSTS, sql.TWEET_REPLIES, sql.TWEET_QUOTES):
        recount(counter, list(counted_by(tweet)))


@transaction.atomic
def recount(counter: Counter, ids: Collection[int]) -> None:
    """Lock these accounts or tweets, and set one count of each to the number of its rows."""
    ids = list(ids)
    if counter.label == "user":
        lock_accounts(*ids)
        account_counts.overwrite(counter.name, _counted(counter, ids))
    else:
        lock_tweets(ids)
        _overwrite(counter.name, _counted(counter, ids))


def _counted(counter: Counter, ids: list[int]) -> dict[int, int]:
    """Return the correct counts by id.

    This is a separate statement after the lock, so that it sees everything committed before.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_ROWS.format(c=counter), [ids])
        return dict(cursor.fetchall())


def _overwrite(name: str, counts: Mapping[int, int]) -> None:
    """Set the count `name` of several tweets. `counts` maps tweet ids to the correct values."""
    with connection.cursor() as cursor:
        query = sql.OVERWRITE_COUNT.format(column=f"{name}_count")
        cursor.execute(query, [list(counts), list(counts.values())])
