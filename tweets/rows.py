"""Locks and counts: what every change to tweets has in common.

Whoever changes something takes its locks in one order: the person who acts first, then tweets by
id. So no two changes can wait for each other. The lock on the person also makes everything that
one person does happen one after another, and since the id of a tweet is drawn under it, the
tweets of one author are committed in the order of their ids.
"""

from collections.abc import Collection, Mapping

from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from outbox import services as outbox
from tweets.models import Tweet


def lock_person(user_id: int) -> None:
    """Wait for everything else that this person is doing. Comes before any lock on a tweet."""
    # "No key": whoever merely refers to the person (a mention, a follow) does not have to wait.
    list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))


def lock_tweets(ids: Collection[int]) -> None:
    """Lock tweets, in the order in which everybody does."""
    rows = Tweet.objects.select_for_update(no_key=True).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk"))


def count_tweet(tweet: Tweet, *, by: int) -> None:
    """Count a tweet in (`by=1`) or out (`by=-1`): with its author and with what it refers to.

    The author must be locked.
    """
    User.objects.filter(pk=tweet.author_id).update(tweets_count=F("tweets_count") + by)
    counted = _counted(tweet)
    for tweet_id in sorted(counted):
        changes = {name: F(name) + by for name in counted[tweet_id]}
        Tweet.objects.filter(pk=tweet_id).update(**changes)


def _counted(tweet: Tweet) -> Mapping[int, list[str]]:
    """Which counts of which tweets this one is part of."""
    counted: dict[int, list[str]] = {}
    for tweet_id, name in (
        (tweet.repost_of_id, "reposts_count"),
        (tweet.reply_to_id, "replies_count"),
        (tweet.quote_of_id, "quotes_count"),
    ):
        if tweet_id is not None:
            counted.setdefault(tweet_id, []).append(name)
    return counted


def retire(tweet: Tweet) -> None:
    """Delete a tweet that is not deleted yet, or undo a repost. The author must be locked."""
    lock_tweets([tweet.pk, *_counted(tweet)])
    Tweet.objects.filter(pk=tweet.pk).update(deleted_at=Now())
    count_tweet(tweet, by=-1)
    outbox.publish("tweet.deleted", {"tweet_id": tweet.pk})
