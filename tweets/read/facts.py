"""The facts of a tweet, as one viewer's rules and pages need them. Pure.

Facts judge nothing. `may_see` and `welcome`, and the rules of the home timeline, are plain
functions of them. How they are read is in tweets/read/hydrate.py; the SQL is in tweets/sql.py.

To add a fact, add a field. A column of the tweet of the same name needs nothing else; any other
expression stands in tweets.sql.EXPRESSIONS. Fields are shown in cached HTML, and so are part of its
key, unless they are marked as UNSHOWN.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from tweets.visibility import Visibility

# Facts that rules need and pages never show: the HTML of a tweet does not depend on them.
UNSHOWN = {"shown": False}
# Fields that are filled in after the query.
LATER = {"loaded": False, **UNSHOWN}


@dataclass(slots=True)
class Facts:
    """One tweet, its author, and the relations of both to the viewer (all False for nobody)."""

    id: int
    author_id: int
    text: str
    visibility: str
    sensitive: bool
    spoiler: str
    reply_to_id: int | None = field(metadata=UNSHOWN)
    reply_to_author_id: int | None = field(metadata=UNSHOWN)
    conversation_id: int | None = field(metadata=UNSHOWN)
    repost_of_id: int | None = field(metadata=UNSHOWN)
    quote_of_id: int | None = field(metadata=UNSHOWN)
    created_at: datetime
    edited_at: datetime | None
    gone: bool = field(metadata=UNSHOWN)  # deleted, or hidden by a moderator
    likes: int
    reposts: int
    quotes: int
    replies: int
    lat: float | None
    lon: float | None
    place: str  # the name of the place, if it has one
    # Asked for, or one of the viewer's own: not merely an original or quoted.
    on_page: bool = field(metadata=UNSHOWN)
    handle: str
    name: str
    private: bool
    author_gone: bool = field(metadata=UNSHOWN)  # deactivated or suspended
    mentions: list[str] | None = field(metadata=UNSHOWN)
    mine: bool
    follows: bool = field(metadata=UNSHOWN)
    follow_since: int | None = field(metadata=UNSHOWN)
    follow_reposts: bool = field(metadata=UNSHOWN)
    blocks: bool
    blocked_by: bool = field(metadata=UNSHOWN)
    mutes: bool
    mentioned: bool = field(metadata=UNSHOWN)  # only looked up for direct tweets
    follows_replied: bool = field(metadata=UNSHOWN)
    to_me: bool = field(metadata=UNSHOWN)  # a reply to a tweet of the viewer
    liked: bool
    reposted: bool
    viewer_id: int | None = field(metadata=UNSHOWN)  # None for an anonymous visitor
    original: "Facts | None" = field(default=None, metadata=LATER)  # what this reposts
    quoted: "Facts | None" = field(default=None, metadata=LATER)  # what this quotes
    # What loaders attached, by the attachment's name: tweets/read/attachments.py.
    attached: dict[str, Any] | None = field(default=None, metadata=LATER)


# The fields that the query fills, in its order, and those that pages may show.
LOADED = tuple(f.name for f in fields(Facts) if f.metadata.get("loaded", True))
SHOWN = tuple(f.name for f in fields(Facts) if f.metadata.get("shown", True))


def may_see(tweet: Facts) -> bool:
    """Whether the viewer may see this tweet at all, and for a repost the original too.

    It stands, its author does, the viewer is in its audience, and the author has not blocked them.
    """
    if not _may_see_alone(tweet):
        return False
    return tweet.repost_of_id is None or (
        tweet.original is not None and _may_see_alone(tweet.original)
    )


def _may_see_alone(tweet: Facts) -> bool:
    if tweet.gone or tweet.author_gone or tweet.blocked_by:
        return False
    if tweet.mine:
        return True
    if tweet.visibility == Visibility.DIRECT:
        return tweet.mentioned
    return tweet.follows or not (tweet.visibility == Visibility.FOLLOWERS or tweet.private)


def welcome(tweet: Facts) -> bool:
    """Whether the viewer, who may see it, also wants to: they block or mute no author of it."""
    original = tweet.original or tweet
    return not (tweet.blocks or tweet.mutes or original.blocks or original.mutes)


def shown_quote(tweet: Facts) -> Facts | None:
    """The quoted tweet, where the viewer may see it and wants to."""
    quoted = tweet.quoted
    return quoted if quoted is not None and may_see(quoted) and welcome(quoted) else None
