"""The one gate: looking a tweet up on behalf of a viewer, or of somebody who wants to act on it."""

from accounts.models import User
from chirp.errors import NotAllowed, NotFound
from people.models import Block
from tweets.models import Tweet
from tweets.read.facts import Facts, may_see
from tweets.read.hydrate import hydrate
from tweets.visibility import Visibility

EVERYBODY = (Visibility.PUBLIC, Visibility.UNLISTED)


class BlockedByYou(NotAllowed):
    """One does not deal with people whom one blocks."""

    message = "You block the author of this tweet."


class NotYours(NotAllowed):
    """Somebody else's tweet."""

    message = "Only its author may change or delete a tweet."


def access_tweet(*, viewer: User | None, tweet_id: int) -> Facts:
    """The tweet, if the viewer may see it; whom they block or mute they may still open.

    NotFound for what never was, is gone, or is not theirs to see.
    """
    found = hydrate([tweet_id], viewer_id=viewer.pk if viewer else None)
    if not found or not may_see(found[0]):
        raise NotFound
    return found[0]


def access_own(*, author: User, tweet_id: int) -> Tweet:
    """The row of one's own tweet, which may be deleted or hidden by now.

    NotFound for what they may not see, NotYours for other people's tweets.
    """
    tweet = Tweet.objects.filter(pk=tweet_id, author=author).first()
    if tweet is None:
        access_tweet(viewer=author, tweet_id=tweet_id)
        raise NotYours
    return tweet


def access_original(*, viewer: User | None, tweet_id: int) -> Facts:
    """As access_tweet, but an id of a repost stands for the original.

    One's own repost does so even after it was undone, so that undoing it twice is the same.
    """
    found = hydrate([tweet_id], viewer_id=viewer.pk if viewer else None)
    original = original_of(found[0]) if found else None
    if original is None:
        raise NotFound
    return original


def original_of(tweet: Facts) -> Facts | None:
    """What somebody means who names this tweet; None where they may not see it."""
    if tweet.repost_of_id is None:
        return tweet if may_see(tweet) else None
    original = tweet.original
    seen = original is not None and may_see(original) and (tweet.mine or may_see(tweet))
    return original if seen else None


def may_share(tweet: Facts) -> bool:
    """Whether the viewer, who may see it, may repost or quote it.

    Others may share what everybody may see; authors also what only their followers may.
    """
    if tweet.mine:
        return tweet.visibility != Visibility.DIRECT
    return not tweet.private and tweet.visibility in EVERYBODY


def across_block(*, user: User, others: set[int]) -> set[int]:
    """Those of `others` who block `user` or whom `user` blocks."""
    blocking = Block.objects.filter(blocker=user, blocked__in=others)
    blocked_by = Block.objects.filter(blocker__in=others, blocked=user)
    return set(
        blocking.values_list("blocked", flat=True).union(
            blocked_by.values_list("blocker", flat=True), all=True
        )
    )
