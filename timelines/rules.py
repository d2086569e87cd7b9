"""The rules of the home timeline (docs/timelines.md), applied at every read. No Django.

The read path applies them only through `broken_rule`, and filters by tweets/read/filtered.py. The
oracle implements the same rules independently in SQL, so that the two can be compared.
"""

from dataclasses import dataclass

from tweets.read.facts import Facts, may_see, welcome
from tweets.read.viewer import ViewerContext
from tweets.text import hashtags
from tweets.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the definition: its number, and the condition that a tweet must meet."""

    number: int
    text: str


FOLLOWED = Rule(
    1,
    "The author is the viewer or an account that the viewer follows, or the tweet is public and "
    "has a hashtag that the viewer follows.",
)
EXCLUSIVE = Rule(1, "The author is in no exclusive list of the viewer.")
VISIBLE = Rule(
    2, "The tweet and its original are not deleted, and the viewer may see both (rules 2 and 3)."
)
WELCOME = Rule(4, "No block between the viewer and either author, and no mute of either.")
REPOSTS = Rule(4, "The viewer has not hidden reposts from this author.")
ALL_REPOSTS = Rule(4, "The viewer has not hidden the reposts of everybody for now.")
FILTERED = Rule(4, "The tweet matches no active hiding filter of the viewer.")
REPLY = Rule(5, "A reply to another account: the viewer is or follows that account, or wrote it.")
SINCE = Rule(6, "The tweet is newer than the viewer's follow (TIMELINE_BACKFILL_ON_FOLLOW is off).")


def broken_rule(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """Return the first rule that `tweet` breaks for the viewer's home timeline, or None."""
    missing = None if tweet.mine else missing_source(tweet, viewer=viewer, backfill=backfill)
    if missing is not None and not _has_followed_tag(tweet, viewer):
        return missing
    return broken_rule_anywhere(tweet, viewer=viewer)


def broken_rule_anywhere(tweet: Facts, *, viewer: ViewerContext) -> Rule | None:
    """Return the first rule that `tweet` breaks for every timeline of the viewer, or None.

    These are rules 2 to 5 without filters. They also hold for the timelines of lists.
    """
    if not may_see(tweet):
        return VISIBLE
    if not welcome(tweet):
        return WELCOME
    if tweet.repost_of_id is not None and not tweet.mine:
        if tweet.follows and not tweet.follow_reposts:
            return REPOSTS
        if viewer.hides_reposts:
            return ALL_REPOSTS
    return None if _meets_reply_rule(tweet) else REPLY


def missing_source(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """Return why the viewer does not read the tweet because of its author, or None.

    They may still read it because of a hashtag.
    """
    if not tweet.follows:
        return FOLLOWED
    if tweet.author_id in viewer.exclusive:
        return EXCLUSIVE
    return None if backfill or tweet.id > (tweet.follow_since or 0) else SINCE


def _has_followed_tag(tweet: Facts, viewer: ViewerContext) -> bool:
    # The text is parsed only for viewers who follow hashtags.
    return (
        bool(viewer.tags)
        and tweet.visibility == Visibility.PUBLIC
        and not tweet.private
        and not viewer.tags.isdisjoint(hashtags(tweet.text))
    )


def _meets_reply_rule(tweet: Facts) -> bool:
    to = tweet.reply_to_author_id
    return to is None or to == tweet.author_id or tweet.mine or tweet.follows_replied or tweet.to_me
