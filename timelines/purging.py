"""Take an account that is purged out of Redis: what it wrote, and what it read."""

from collections.abc import Sequence

from django.conf import settings

from timelines import fanout, store
from tweets.models import Mention, Tweet

# Timelines are trimmed in batches, so they may hold a little more than they should.
MOST = 2


def follows(*, followee_id: int, follower_ids: Sequence[int]) -> None:
    """Remove the newest tweets of an account from these timelines: the hook `follows.purging`."""
    homes = store.warm([store.home(follower_id) for follower_id in follower_ids])
    if homes:  # most followers have not been here for a while
        rows = Tweet.objects.filter(author=followee_id).order_by("-pk")
        ids = list(rows.values_list("pk", flat=True)[: MOST * settings.HOME_MAX_LENGTH])
        store.remove(ids, homes)


def tweets(*, tweet_ids: Sequence[int]) -> None:
    """Remove tweets from the timelines of those they mention, and reposts from those of followers.

    The authors of the reposts are other accounts, which repost what is purged.
    """
    mentioned = Mention.objects.filter(tweet__in=tweet_ids).values_list("user_id", "tweet_id")
    for user_id, tweet_id in mentioned:
        store.remove([tweet_id], [store.home(user_id)])
    reposts = Tweet.objects.filter(pk__in=tweet_ids, repost_of__isnull=False)
    for tweet_id, author_id in reposts.values_list("pk", "author_id"):
        for homes in fanout.followers(author_id):
            store.remove([tweet_id], [*homes, store.author(author_id)])


def timelines(*, user_id: int) -> bool:
    """Drop the timelines of the account: a step of accounts/purging.py, with nothing after it."""
    store.drop([store.home(user_id), store.author(user_id)])
    return False
