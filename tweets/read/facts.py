"""Facts: everything that the rules and the pages need to know about a tweet. No Django.

Some facts depend on the viewer. Facts decide nothing: `may_see` and `welcome`, and the rules of
the home timeline, are plain functions of them. They are loaded by tweets/read/hydrate.py; the SQL
is in tweets/sql/facts.py.

To add a fact, add a field; one that is true or false goes to the others of them. If a column of the
tweet has the same name, this is all; any other expression goes into EXPRESSIONS there. Every
field is part of the key of the cached HTML, unless it is marked as UNSHOWN because pages never show
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from tweets.controls import RepliesFrom
from tweets.visibility import PUBLIC_OR_UNLISTED, Visibility

# For facts that only rules need: the HTML of a tweet does not depend on them.
UNSHOWN = {"shown": False}
# For fields that are set after the query.
LATER = {"loaded": False, **UNSHOWN}


@dataclass(slots=True)
class Facts:
    """One tweet, its author, and the relations between them and the viewer.

    For an anonymous visitor all relations are False.
    """

    id: int
    author_id: int
    # These stand together: see tweets/read/references.py.
    visibility: str
    reply_to_id: int | None = field(metadata=UNSHOWN)
    reply_to_author_id: int | None = field(metadata=UNSHOWN)
    conversation_id: int | None = field(metadata=UNSHOWN)
    repost_of_id: int | None = field(metadata=UNSHOWN)
    quote_of_id: int | None = field(metadata=UNSHOWN)
    replies_from: str  # who may reply in the conversation: see tweets/controls.py
    text: str
    spoiler: str
    language: str  # a BCP 47 tag, or empty
    created_at: datetime
    edited_at: datetime | None
    quotes_from: str = field(metadata=UNSHOWN)
    likes: int
    reposts: int
    quotes: int
    replies: int
    lat: float | None
    lon: float | None
    place: str  # the name of the place, if it has one
    media_count: int  # pictures, videos and recordings: see tweets/read/media.py
    handle: str
    name: str
    avatar: str  # the key of its media, or empty
    mentions: list[str] | None = field(metadata=UNSHOWN)
    follow_since: int | None = field(metadata=UNSHOWN)
    viewer_id: int | None = field(metadata=UNSHOWN)  # None for an anonymous visitor
    preview: list[str] | None = field(metadata=UNSHOWN)  # of the page that it links to
    # These are true or false: the query returns them as the bits of one number.
    sensitive: bool
    has_poll: bool = field(metadata=UNSHOWN)
    quote_detached: bool = field(metadata=UNSHOWN)
    gone: bool = field(metadata=UNSHOWN)  # deleted, or hidden by a moderator
    # Whether the tweet was requested, or is one of the viewer's own: False if it was only loaded
    # as an original or as a quoted tweet.
    on_page: bool = field(metadata=UNSHOWN)
    private: bool
    limited: bool = field(metadata=UNSHOWN)  # strangers find the author's tweets nowhere
    author_gone: bool = field(metadata=UNSHOWN)  # deactivated or suspended
    mine: bool
    follows: bool = field(metadata=UNSHOWN)
    follow_reposts: bool = field(metadata=UNSHOWN)
    blocks: bool
    blocked_by: bool = field(metadata=UNSHOWN)
    mutes: bool
    mentioned: bool = field(metadata=UNSHOWN)  # looked up unless everyone may see the tweet
    follows_replied: bool = field(metadata=UNSHOWN)
    to_me: bool = field(metadata=UNSHOWN)  # whether it is a reply to a tweet of the viewer
    # About the first tweet of the conversation, and False unless its author limits replies:
    began_conversation: bool = field(metadata=UNSHOWN)  # the viewer wrote it
    followed_by_first: bool = field(metadata=UNSHOWN)  # its author follows the viewer
    mentioned_first: bool = field(metadata=UNSHOWN)  # it mentions the viewer
    liked: bool
    reposted: bool
    pinned: bool  # a tweet of the viewer, on their profile
    conversation_muted: bool
    bookmarked: bool
    viewer_filters: bool = field(metadata=UNSHOWN)  # whether the viewer has any filter
    original: "Facts | None" = field(default=None, metadata=LATER)  # the tweet that this reposts
    quoted: "Facts | None" = field(default=None, metadata=LATER)  # the tweet that this quotes
    parent: "Facts | None" = field(default=None, metadata=LATER)  # the tweet that this replies to
    # The first tweet of the conversation, if it is another one: see `root`.
    first: "Facts | None" = field(default=None, metadata=LATER)
    # Of an entry of a timeline: the older ones that it stands for, newest first (rule 7).
    folded: "tuple[Facts, ...]" = field(default=(), metadata=LATER)
    # The values of attachments by name: see tweets/read/attachments.py.
    attached: dict[str, Any] | None = field(default=None, metadata=LATER)

    @property
    def root(self) -> "Facts | None":
        """The first tweet of the conversation, which may be this one.

        A tweet that referred to itself would stay in memory until the garbage collector runs, and
        so would every page.
        """
        return self if self.conversation_id == self.id else self.first


# The fields that the query loads, and those that pages may show. Of the loaded ones, COLUMNS are
# columns of the query, in their order, and FLAGS are the bits of its last column, the lowest first:
# half of the facts are flags, and as columns they took longer than all the others.
LOADED = tuple(f.name for f in fields(Facts) if f.metadata.get("loaded", True))
FLAGS = tuple(f.name for f in fields(Facts) if f.name in LOADED and f.type is bool)
COLUMNS = LOADED[: -len(FLAGS)]
_WIDTH = len(COLUMNS)
SHOWN = tuple(f.name for f in fields(Facts) if f.metadata.get("shown", True))


def from_row(row: Sequence[Any]) -> Facts:
    """Return the facts in a row of a query: COLUMNS, and the number that holds FLAGS."""
    return Facts(*row[:_WIDTH], *_flags(row[_WIDTH]))


@lru_cache(maxsize=4096)  # there are few combinations
def _flags(number: int) -> tuple[bool, ...]:
    return tuple(bool(number >> bit & 1) for bit in range(len(FLAGS)))


def may_see(tweet: Facts) -> bool:
    """Return whether the viewer may see the tweet, and for a repost also the original.

    Both must be neither deleted nor hidden, their authors active and not blocking the viewer, and
    the viewer in their audience.
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
    open_to_all = tweet.visibility != Visibility.FOLLOWERS and not tweet.private
    # Answers and mentions reach the accounts that they address, whoever follows whom.
    return open_to_all or tweet.follows or tweet.mentioned or tweet.to_me


def is_open_to_all(tweet: Facts) -> bool:
    """Return whether the audience of the tweet is everybody, with or without an account."""
    return not tweet.private and tweet.visibility in PUBLIC_OR_UNLISTED


def welcome(tweet: Facts) -> bool:
    """Return whether the viewer wants to see a tweet that they may see.

    This is so if they neither block nor mute its author, nor for a repost the original's author.
    """
    original = tweet.original or tweet
    return not (tweet.blocks or tweet.mutes or original.blocks or original.mutes)


def may_reply(tweet: Facts) -> bool:
    """Return whether the author of the conversation lets the viewer reply to the tweet.

    Blocks, and whether the viewer may see the tweet, are other questions.
    """
    if tweet.replies_from == RepliesFrom.EVERYONE or tweet.began_conversation:
        return True
    return tweet.followed_by_first or tweet.mentioned_first


def shown_quote(tweet: Facts) -> Facts | None:
    """Return the quoted tweet, or None if the viewer may not see it or does not want to.

    It is also None if its author detached it from the quote.
    """
    quoted = None if tweet.quote_detached else tweet.quoted
    return quoted if quoted is not None and may_see(quoted) and welcome(quoted) else None


def reposters(entry: Facts) -> list[Facts]:
    """Return the reposts that an entry of a list stands for, newest first: none if it is no repost.

    Each has another author.
    """
    return [each for each in (entry, *entry.folded) if each.repost_of_id is not None]


def shown_parent_id(tweet: Facts) -> int | None:
    """Return the id of the tweet that this replies to, or None if the viewer may not see it."""
    return _shown_id(tweet.parent)


def shown_conversation_id(tweet: Facts) -> int | None:
    """Return the id of the conversation, or None if the viewer may not see its first tweet."""
    return _shown_id(tweet.root)


def _shown_id(tweet: Facts | None) -> int | None:
    return tweet.id if tweet is not None and may_see(tweet) else None
