"""Add and remove likes and reposts. Every function here is idempotent.

Adding a mark requires that the user may see the tweet. Removing one does not: it needs only the
user's own rows, so that it works whatever became of the tweet, of its author, or of the relations
between the two.
"""

from datetime import datetime

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotAllowed
from chirp.texts import text as _
from outbox.services import publish
from tweets.author_states import state_to_note
from tweets.counts import count_like, count_new
from tweets.deleting import mark_deleted
from tweets.events import (
    HistoryWritten,
    TweetLiked,
    TweetPosted,
    TweetReposted,
    TweetUnliked,
)
from tweets.history import dated
from tweets.models import Like, Tweet
from tweets.read.access import BlockedByYou, access_original, may_share
from tweets.read.facts import Facts


class CannotRepost(NotAllowed):
    """Raised when a repost would have a larger audience than the tweet."""

    message = _("Only tweets that everyone may see can be reposted.")


def _markable(user: User, tweet_id: int) -> Facts:
    """Return the original that the user wants to like or repost.

    Raises NotFound, and BlockedByYou if the user blocks the author.
    """
    original = access_original(viewer=user, tweet_id=tweet_id)
    if original.blocks:
        raise BlockedByYou
    return original


def like(*, user: User, tweet_id: int, at: datetime | None = None, quietly: bool = False) -> int:
    """Like a tweet, and return its id, or for a repost the id of the original.

    `at` dates a new like back: as in `post_tweet`. `quietly`, nobody is notified: for imports.

    Raises NotFound if the user may not see the tweet, and BlockedByYou if the user blocks its
    author.
    """
    with transaction.atomic():
        user_is_public = lock_account(user.pk)
        original = _markable(user, tweet_id)
        if not original.liked:
            state = state_to_note(user_is_public)
            when = {"created_at": at} if at else {}
            Like.objects.create(user=user, tweet_id=original.id, author_state=state, **when)
            count_like(user_id=user.pk, tweet_id=original.id, by=1, user_is_public=user_is_public)
            if not quietly:
                publish(TweetLiked(tweet_id=original.id, user_id=user.pk))
    return original.id


def unlike(*, user: User, tweet_id: int) -> int:
    """Remove a like if there is one, and return the id of the tweet.

    Raises NotFound if there is none and the user may not see the tweet.
    """
    with transaction.atomic():
        user_is_public = lock_account(user.pk)
        original_id = original_id_of(tweet_id)
        if Like.objects.filter(user=user, tweet_id=original_id).delete()[0]:
            count_like(user_id=user.pk, tweet_id=original_id, by=-1, user_is_public=user_is_public)
            publish(TweetUnliked(tweet_id=original_id, user_id=user.pk))
            return original_id
    return access_original(viewer=user, tweet_id=tweet_id).id


def repost(
    *, user: User, tweet_id: int, at: datetime | None = None, quietly: bool = False
) -> Tweet:
    """Repost a tweet, and return the new repost, or the existing one if there is one.

    `at` dates a new repost back: as in `post_tweet`. `quietly`, nobody is notified, and timelines
    have it when `history.end` is called: for imports.

    Raises NotFound, BlockedByYou, and CannotRepost if only its author may repost the tweet.
    """
    with transaction.atomic():
        user_is_public = lock_account(user.pk)
        original = _markable(user, tweet_id)
        if not may_share(original):
            raise CannotRepost
        existing = _repost_of(user, original.id)
        if existing is not None:
            return existing
        new = _insert(user, original, user_is_public=user_is_public, at=at)
        if quietly:
            publish(HistoryWritten(tweet_ids=[new.pk]))
        else:
            publish(TweetPosted(tweet_id=new.pk))
            publish(TweetReposted(tweet_id=original.id, repost_id=new.pk, user_id=user.pk))
        return new


def _repost_of(user: User, original_id: int) -> Tweet | None:
    return Tweet.objects.filter(author=user, repost_of=original_id, deleted_at=None).first()


def _insert(user: User, original: Facts, *, user_is_public: bool, at: datetime | None) -> Tweet:
    tweet = Tweet.objects.create(
        author=user,
        repost_of_id=original.id,
        visibility=original.visibility,
        author_state=state_to_note(user_is_public),
        **dated(at),
    )
    count_new(tweet, author_is_public=user_is_public)
    return tweet


def undo_repost(*, user: User, tweet_id: int) -> int:
    """Undo the user's repost if there is one, and return the original's id.

    Raises NotFound if there is none and the user may not see the tweet.
    """
    with transaction.atomic():
        user_is_public = lock_account(user.pk)
        original_id = original_id_of(tweet_id)
        tweet = _repost_of(user, original_id)
        if tweet is not None:
            mark_deleted(tweet, author_is_public=user_is_public)
            return original_id
    return access_original(viewer=user, tweet_id=tweet_id).id


def original_id_of(tweet_id: int) -> int:
    """Return the id of the original if `tweet_id` is that of a repost, else `tweet_id`."""
    repost_of = Tweet.objects.filter(pk=tweet_id).values_list("repost_of", flat=True).first()
    return repost_of or tweet_id
