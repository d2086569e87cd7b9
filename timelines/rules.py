"""The rules of the home timeline (docs/timelines.md), applied at every read. No Django.

The read path applies them only through `broken_rule`. The oracle implements the same rules
independently in SQL, so that the two can be compared.
"""

from dataclasses import dataclass

from tweets.read.facts import Facts, may_see, welcome
from tweets.read.viewer import ViewerContext


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the definition: its number, and the condition that a tweet must meet."""

    number: int
    text: str


FOLLOWED = Rule(1, "The author is the viewer, or an account that the viewer follows.")
VISIBLE = Rule(
    2, "The tweet and its original are not deleted, and the viewer may see both (rules 2 and 3)."
)
WELCOME = Rule(4, "No block between the viewer and either author, and no mute of either.")
REPOSTS = Rule(4, "The viewer has not hidden reposts from this author.")
FILTERED = Rule(4, "The tweet matches no active hiding filter of the viewer.")
REPLY = Rule(5, "A reply to another account: the viewer is or follows that account, or wrote it.")
SINCE = Rule(6, "The tweet is newer than the viewer's follow (TIMELINE_BACKFILL_ON_FOLLOW is off).")


def broken_rule(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """Return the first rule that `tweet` breaks for the viewer's home timeline, or None."""
    if not (tweet.mine or tweet.follows):
        return FOLLOWED
    if not may_see(tweet):
        return VISIBLE
    if not welcome(tweet):
        return WELCOME
    if tweet.repost_of_id is not None and not (tweet.mine or tweet.follow_reposts):
        return REPOSTS
    if any(filter_.hides(tweet) for filter_ in viewer.filters):
        return FILTERED
    if not _meets_reply_rule(tweet):
        return REPLY
    if not (backfill or tweet.mine or tweet.id > (tweet.follow_since or 0)):
        return SINCE
    return None


def _meets_reply_rule(tweet: Facts) -> bool:
    to = tweet.reply_to_author_id
    return to is None or to == tweet.author_id or tweet.mine or tweet.follows_replied or tweet.to_me
