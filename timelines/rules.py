"""The rules of the home timeline (docs/timelines.md), applied at every read. Pure.

`broken_rule` is the one place where the read path decides. The oracle says the same in SQL, on
its own, so that the two can be held against each other.
"""

from dataclasses import dataclass

from tweets.read.facts import Facts, may_see, welcome
from tweets.read.viewer import ViewerContext


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the definition: its number and what it asks."""

    number: int
    asks: str


FOLLOWED = Rule(1, "The author is the viewer, or followed by the viewer.")
VISIBLE = Rule(2, "The tweet and its original stand, and the viewer may see both (rules 2 and 3).")
WELCOME = Rule(4, "The viewer neither blocks nor mutes an author of it, and is blocked by none.")
REPOSTS = Rule(4, "The viewer has not hidden reposts from this author.")
FILTERED = Rule(4, "The tweet matches no active filter of the viewer that hides.")
REPLY = Rule(5, "A reply to somebody else needs the viewer to be, or to follow, that somebody.")
SINCE = Rule(6, "The tweet is newer than the viewer's follow (TIMELINE_BACKFILL_ON_FOLLOW is off).")


def broken_rule(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """The first rule that keeps `tweet` out of the viewer's home timeline, or None: it belongs."""
    if not (tweet.mine or tweet.follows):
        return FOLLOWED
    if not may_see(tweet):
        return VISIBLE
    if not welcome(tweet):
        return WELCOME
    if tweet.repost_of_id is not None and not (tweet.mine or tweet.follow_reposts):
        return REPOSTS
    if any(one.hides(tweet) for one in viewer.filters):
        return FILTERED
    if not _reply_is_for(tweet):
        return REPLY
    if not (backfill or tweet.mine or tweet.id > (tweet.follow_since or 0)):
        return SINCE
    return None


def _reply_is_for(tweet: Facts) -> bool:
    to = tweet.reply_to_author_id
    return to is None or to == tweet.author_id or tweet.mine or tweet.follows_replied or tweet.to_me
