"""Likes and reposts: marks that are there or not, so that doing it twice is doing it once."""

from django.db import transaction
from django.db.models import F

from accounts.models import User
from chirp.errors import NotAllowed
from outbox import services as outbox
from tweets import rows
from tweets.models import Like, Tweet
from tweets.read.access import BlockedByYou, access_original, may_share
from tweets.read.facts import Facts


class CannotRepost(NotAllowed):
    """Its audience is smaller than that of a repost would be."""

    message = "Only what everybody may see can be reposted."


def _markable(user: User, tweet_id: int) -> Facts:
    """The original that somebody wants to mark. NotFound, or BlockedByYou."""
    original = access_original(viewer=user, tweet_id=tweet_id)
    if original.blocks:
        raise BlockedByYou
    return original


def like(*, user: User, tweet_id: int) -> int:
    """Like a tweet, and return its id (the original's, for a repost).

    NotFound for what they may not see, BlockedByYou for tweets of people they block.
    """
    with transaction.atomic():
        rows.lock_person(user.pk)
        original = _markable(user, tweet_id)
        if not original.liked:
            Like.objects.create(user=user, tweet_id=original.id)
            _count_like(user, original.id, by=1)
    return original.id


def unlike(*, user: User, tweet_id: int) -> int:
    """Take a like back, if there is one, and return the tweet's id. NotFound."""
    with transaction.atomic():
        rows.lock_person(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        if Like.objects.filter(user=user, tweet_id=original.id).delete()[0]:
            _count_like(user, original.id, by=-1)
    return original.id


def _count_like(user: User, tweet_id: int, *, by: int) -> None:
    User.objects.filter(pk=user.pk).update(likes_count=F("likes_count") + by)
    Tweet.objects.filter(pk=tweet_id).update(likes_count=F("likes_count") + by)


def repost(*, user: User, tweet_id: int) -> Tweet:
    """Repost a tweet, and return the repost: the one that is there already, if there is one.

    NotFound, BlockedByYou, or CannotRepost for what others than its author may not pass on.
    """
    with transaction.atomic():
        rows.lock_person(user.pk)
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
    rows.count_tweet(tweet, by=1)
    outbox.publish("tweet.posted", {"tweet_id": tweet.pk})
    return tweet


def undo_repost(*, user: User, tweet_id: int) -> int:
    """Undo one's repost, if there is one, and return the original's id. NotFound."""
    with transaction.atomic():
        rows.lock_person(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        tweet = _repost_of(user, original.id)
        if tweet is not None:
            rows.retire(tweet)
    return original.id
