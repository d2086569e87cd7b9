"""The rules of the home timeline (docs/timelines.md), applied at every read. No Django.

The read path applies them only through `broken_rule`, and filters by tweets/read/filtered.py. What
viewers are told about a tweet (timelines/explain.py) comes from the same functions, and from
`sources`. The oracle implements the same rules independently in SQL, so that the two can be
compared.
"""

from dataclasses import dataclass
from enum import StrEnum

from tweets.read.facts import Facts, may_see, welcome
from tweets.read.viewer import ViewerContext
from tweets.text import hashtags
from tweets.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the definition: its number, and the condition that a tweet must meet.

    `code` names what is wrong with a tweet that does not meet it.
    """

    number: int
    code: str
    text: str


class Source(StrEnum):
    """What lets a tweet into the home timeline of a viewer by rule 1."""

    OWN = "own"
    FOLLOWED = "followed"
    HASHTAG = "hashtag"


FOLLOWED = Rule(
    1,
    "not_followed",
    "The author is the viewer or an account that the viewer follows, or the tweet is public and "
    "has a hashtag that the viewer follows.",
)
EXCLUSIVE = Rule(1, "exclusive_list", "The author is in no exclusive list of the viewer.")
VISIBLE = Rule(
    2,
    "not_visible",
    "The tweet and its original are not deleted, and the viewer may see both (rules 2 and 3).",
)
NOT_BLOCKED = Rule(4, "blocked", "The viewer blocks neither author.")
NOT_MUTED = Rule(4, "muted", "The viewer mutes neither author.")
REPOSTS = Rule(4, "reposts_hidden", "The viewer has not hidden reposts from this author.")
ALL_REPOSTS = Rule(
    4, "all_reposts_hidden", "The viewer has not hidden the reposts of everybody for now."
)
FILTERED = Rule(4, "filtered", "The tweet matches no active hiding filter of the viewer.")
REPLY = Rule(
    5,
    "reply_to_other",
    "A reply to another account: the viewer is or follows that account, or wrote it.",
)
SINCE = Rule(
    6,
    "before_follow",
    "The tweet is newer than the viewer's follow (TIMELINE_BACKFILL_ON_FOLLOW is off).",
)


def broken_rule(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """Return the first rule that `tweet` breaks for the viewer's home timeline, or None."""
    missing = None if tweet.mine else _missing_source(tweet, viewer, backfill)
    if missing is not None and not followed_tags(tweet, viewer):
        return missing
    return broken_rule_anywhere(tweet, viewer=viewer)


def sources(tweet: Facts, *, viewer: ViewerContext, backfill: bool) -> list[Source]:
    """Return everything that lets `tweet` in by rule 1; whether other rules forbid it or not."""
    if tweet.mine:
        return [Source.OWN]
    is_read = _missing_source(tweet, viewer, backfill) is None
    found = [Source.FOLLOWED] if is_read else []
    return [*found, Source.HASHTAG] if followed_tags(tweet, viewer) else found


def followed_tags(tweet: Facts, viewer: ViewerContext) -> frozenset[str]:
    """Return the followed hashtags of a public tweet. Others are not read for their hashtags."""
    # The text is parsed only for viewers who follow hashtags.
    if not viewer.tags or tweet.visibility != Visibility.PUBLIC or tweet.private:
        return frozenset()
    if tweet.limited and not tweet.follows:  # strangers do not find it
        return frozenset()
    return viewer.tags.intersection(hashtags(tweet.text))


def broken_rule_anywhere(tweet: Facts, *, viewer: ViewerContext) -> Rule | None:
    """Return the first rule that `tweet` breaks for every timeline of the viewer, or None.

    These are rules 2 to 5 without filters. They also hold for the timelines of lists.
    """
    if not may_see(tweet):
        return VISIBLE
    if not welcome(tweet):
        return _unwelcome(tweet)
    if tweet.repost_of_id is not None and not tweet.mine:
        if tweet.follows and not tweet.follow_reposts:
            return REPOSTS
        if viewer.hides_reposts:
            return ALL_REPOSTS
    return None if _meets_reply_rule(tweet) else REPLY


def _missing_source(tweet: Facts, viewer: ViewerContext, backfill: bool) -> Rule | None:
    """Return why the viewer does not read the tweet because of its author, or None.

    They may still read it because of a hashtag.
    """
    if not tweet.follows:
        return FOLLOWED
    if tweet.author_id in viewer.exclusive:
        return EXCLUSIVE
    return None if backfill or tweet.id > (tweet.follow_since or 0) else SINCE


def _unwelcome(tweet: Facts) -> Rule:
    """Return why a tweet is not welcome. A block weighs more than a mute."""
    original = tweet.original or tweet
    return NOT_BLOCKED if tweet.blocks or original.blocks else NOT_MUTED


def _meets_reply_rule(tweet: Facts) -> bool:
    to = tweet.reply_to_author_id
    return to is None or to == tweet.author_id or tweet.mine or tweet.follows_replied or tweet.to_me
