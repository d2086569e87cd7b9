"""Add and remove likes and reposts. Every function here is idempotent."""

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotAllowed
from outbox.services import publish
from tweets.counts import count_like, count_tweet
from tweets.deleting import mark_deleted
from tweets.events import TweetLiked, TweetPosted, TweetReposted, TweetUnliked
from tweets.models import Like, Tweet
from tweets.read.access import BlockedByYou, access_original, may_share
from tweets.read.facts import Facts


class CannotRepost(NotAllowed):
    """Raised when a repost would have a larger audience than the tweet."""

    message = "Only tweets that everyone may see can be reposted."


def _markable(user: User, tweet_id: int) -> Facts:
    """Return the original that the user wants to like or repost.

    Raises NotFound, and BlockedByYou if the user blocks the author.
    """
    original = access_original(viewer=user, tweet_id=tweet_id)
    if original.blocks:
        raise BlockedByYou
    return original


def like(*, user: User, tweet_id: int) -> int:
    """Like a tweet, and return its id, or for a repost the id of the original.

    Raises NotFound if the user may not see the tweet, and BlockedByYou if the user blocks its
    author.
    """
    with transaction.atomic():
        lock_account(user.pk)
        original = _markable(user, tweet_id)
        if not original.liked:
            Like.objects.create(user=user, tweet_id=original.id)
            count_like(user_id=user.pk, tweet_id=original.id, by=1)
            publish(TweetLiked(tweet_id=original.id, user_id=user.pk))
    return original.id


def unlike(*, user: User, tweet_id: int) -> int:
    """Remove a like if there is one, and return the id of the tweet. Raises NotFound."""
    with transaction.atomic():
        lock_account(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        if Like.objects.filter(user=user, tweet_id=original.id).delete()[0]:
            count_like(user_id=user.pk, tweet_id=original.id, by=-1)
            publish(TweetUnliked(tweet_id=original.id, user_id=user.pk))
    return original.id


def repost(*, user: User, tweet_id: int) -> Tweet:
    """Repost a tweet, and return the new repost, or the existing one if there is one.

    Raises NotFound, BlockedByYou, and CannotRepost if only its author may repost the tweet.
    """
    with transaction.atomic():
        lock_account(user.pk)
        original = _markable(user, tweet_id)
        if not may_share(original):
            raise CannotRepost
        return _repost_of(user, original.id) or _insert(user, original)


def _repost_of(user: User, original_id: int) -> Tweet | None:
    return Tweet.objects.filter(author=user, repost_of=original_id, deleted_at=None).first()


def _insert(user: User, original: Facts) -> Tweet:
    tweet = Tweet.objects.create(
        author=user, repost_of_id=original.id, visibility=original.visibility
    )
    count_tweet(tweet, by=1)
    publish(TweetPosted(tweet_id=tweet.pk))
    publish(TweetReposted(tweet_id=original.id, repost_id=tweet.pk, user_id=user.pk))
    return tweet


def undo_repost(*, user: User, tweet_id: int) -> int:
    """Undo the user's repost if there is one, and return the original's id. Raises NotFound."""
    with transaction.atomic():
        lock_account(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        tweet = _repost_of(user, original.id)
        if tweet is not None:
            mark_deleted(tweet)
    return original.id
