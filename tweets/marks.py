"""Likes and reposts: marks that are there or not, so that doing it twice is doing it once."""

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotAllowed
from outbox.services import publish
from tweets.counts import count_like, count_tweet
from tweets.deleting import retire
from tweets.events import TweetLiked, TweetPosted, TweetReposted, TweetUnliked
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
        lock_account(user.pk)
        original = _markable(user, tweet_id)
        if not original.liked:
            Like.objects.create(user=user, tweet_id=original.id)
            count_like(user_id=user.pk, tweet_id=original.id, by=1)
            publish(TweetLiked(tweet_id=original.id, user_id=user.pk))
    return original.id


def unlike(*, user: User, tweet_id: int) -> int:
    """Take a like back, if there is one, and return the tweet's id. NotFound."""
    with transaction.atomic():
        lock_account(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        if Like.objects.filter(user=user, tweet_id=original.id).delete()[0]:
            count_like(user_id=user.pk, tweet_id=original.id, by=-1)
            publish(TweetUnliked(tweet_id=original.id, user_id=user.pk))
    return original.id


def repost(*, user: User, tweet_id: int) -> Tweet:
    """Repost a tweet, and return the repost: the one that is there already, if there is one.

    NotFound, BlockedByYou, or CannotRepost for what others than its author may not pass on.
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
    """Undo one's repost, if there is one, and return the original's id. NotFound."""
    with transaction.atomic():
        lock_account(user.pk)
        original = access_original(viewer=user, tweet_id=tweet_id)
        tweet = _repost_of(user, original.id)
        if tweet is not None:
            retire(tweet)
    return original.id
