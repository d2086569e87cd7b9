"""Notifications as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from chirp.texts import shown
from notifications.kinds import TALK, Kind
from notifications.selectors import Item, Stranger
from notifications.wording import sentence
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext
from web.presenters.tweets import Card, cards

NAMED = 2  # accounts that a sentence names; the others are counted

ICONS = {
    Kind.MENTION: "reply",
    Kind.REPLY: "reply",
    Kind.QUOTE: "quote",
    Kind.REPOST: "repost",
    Kind.LIKE: "heart",
    Kind.FOLLOW: "person",
    Kind.FOLLOW_REQUEST: "lock",
    Kind.TWEET: "bell",
    Kind.EDIT: "write",
    Kind.QUOTED_EDIT: "write",
    Kind.POLL_ENDED: "check",
    Kind.MODERATION: "warning",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A group of notifications. `whole` is whether its tweet is shown with all its buttons.

    The sentence has a place for the names, `%(who)s`, which are links.
    """

    item: Item
    card: Card | None
    icon: str
    sentence: str
    named: Sequence[User]
    others: int
    whole: bool


@dataclass(frozen=True, slots=True)
class StrangerEntry:
    """A stranger among the requests."""

    stranger: Stranger
    card: Card | None
    sentence: str


def entries(items: Sequence[Item], *, viewer: ViewerContext) -> list[Entry]:
    """Groups in their order, with their tweets. One query for each kind of attachment."""
    made = _cards([item.tweet for item in items], viewer)
    return [_entry(item, card) for item, card in zip(items, made, strict=True)]


def stranger_entries(
    strangers: Sequence[Stranger], *, viewer: ViewerContext
) -> list[StrangerEntry]:
    """Strangers in their order, with the latest tweet of each."""
    made = _cards([stranger.tweet for stranger in strangers], viewer)
    return [
        StrangerEntry(stranger, card, _open(Kind(stranger.kind), 1))
        for stranger, card in zip(strangers, made, strict=True)
    ]


def _entry(item: Item, card: Card | None) -> Entry:
    kind = Kind(item.kind)
    # With two others at least: "A, B and 1 other" takes more room than a name.
    named = item.actors[: NAMED if item.count == NAMED else 1]
    return Entry(
        item=item,
        card=card,
        icon=ICONS[kind],
        sentence=_open(kind, item.count if item.actors else 0),
        named=named,
        others=item.count - len(named) if item.actors else 0,
        whole=kind in (*TALK, Kind.TWEET),
    )


def _open(kind: Kind, count: int) -> str:
    return shown(sentence(kind, who="%(who)s", count=count))


def _cards(tweets: Sequence[Facts | None], viewer: ViewerContext) -> list[Card | None]:
    """A card for each tweet, and None for each None."""
    made = iter(cards([tweet for tweet in tweets if tweet is not None], viewer=viewer))
    return [None if tweet is None else next(made) for tweet in tweets]
