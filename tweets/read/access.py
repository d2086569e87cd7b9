"""Look up tweets on behalf of a viewer. Every lookup by id goes through this module."""

from collections.abc import Collection

from accounts.models import User
from chirp.errors import NotAllowed, NotFound
from chirp.texts import text as _
from people.models import Block
from tweets.controls import QuotesFrom
from tweets.models import Tweet
from tweets.read.facts import Facts, is_open_to_all, may_see
from tweets.read.hydrate import hydrate
from tweets.visibility import Visibility


class BlockedByYou(NotAllowed):
    """Raised when a user acts on a tweet of an account that the user blocks."""

    message = _("You block the author of this tweet.")


class NotYours(NotAllowed):
    """Raised when a user changes or deletes a tweet of another account."""

    message = _("Only its author may change or delete a tweet.")


def access_tweet(*, viewer: User | None, tweet_id: int) -> Facts:
    """Return the tweet if the viewer may see it.

    The viewer may also open a tweet of an account that they block or mute. Raises NotFound if the
    tweet does not exist, is deleted or hidden, or if the viewer is not in its audience.
    """
    found = hydrate([tweet_id], viewer_id=viewer.pk if viewer else None)
    if not found or not may_see(found[0]):
        raise NotFound
    return found[0]


def access_tweets(*, viewer: User | None, tweet_ids: Collection[int]) -> list[Facts]:
    """Return those of the tweets that the viewer may see, oldest first, with one query."""
    found = hydrate(tweet_ids, viewer_id=viewer.pk if viewer else None)
    return [tweet for tweet in reversed(found) if may_see(tweet)]


def access_own(*, author: User, tweet_id: int) -> Tweet:
    """Return the row of a tweet of the author. It may be deleted or hidden.

    Raises NotFound if the author may not see the tweet, and NotYours if it belongs to another
    account.
    """
    tweet = Tweet.objects.filter(pk=tweet_id, author=author).first()
    if tweet is None:
        access_tweet(viewer=author, tweet_id=tweet_id)
        raise NotYours
    return tweet


def access_original(*, viewer: User | None, tweet_id: int) -> Facts:
    """Return the tweet, or for a repost the original, if the viewer may see it.

    This also works for a repost of the viewer that is already undone, so that undoing a repost is
    idempotent. Raises NotFound.
    """
    found = hydrate([tweet_id], viewer_id=viewer.pk if viewer else None)
    original = original_of(found[0]) if found else None
    if original is None:
        raise NotFound
    return original


def original_of(tweet: Facts) -> Facts | None:
    """Return the tweet itself, or for a repost the original. None if the viewer may not see it."""
    if tweet.repost_of_id is None:
        return tweet if may_see(tweet) else None
    original = tweet.original
    visible = original is not None and may_see(original) and (tweet.mine or may_see(tweet))
    return original if visible else None


def may_share(tweet: Facts) -> bool:
    """Return whether the viewer, who may see the tweet, may repost it.

    All users may share public and unlisted tweets of accounts that are not private. Authors may
    also share their own tweets for followers.
    """
    if tweet.mine:
        return tweet.visibility != Visibility.DIRECT
    return is_open_to_all(tweet)


def may_quote(tweet: Facts) -> bool:
    """Return whether the viewer, who may see the tweet, may quote it."""
    if not may_share(tweet) or tweet.mine:
        return may_share(tweet)
    followers = tweet.quotes_from == QuotesFrom.FOLLOWERS and tweet.follows
    return followers or tweet.quotes_from == QuotesFrom.EVERYONE


def blocking_or_blocked(*, user: User, others: set[int]) -> set[int]:
    """Return the ids in `others` of accounts that block `user` or that `user` blocks."""
    blocking = Block.objects.filter(blocker=user, blocked__in=others)
    blocked_by = Block.objects.filter(blocker__in=others, blocked=user)
    return set(
        blocking.values_list("blocked", flat=True).union(
            blocked_by.values_list("blocker", flat=True), all=True
        )
    )
