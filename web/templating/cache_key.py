"""All that a feed shows of a tweet, as values: the key of its cached HTML (web.templating.render).

The template gets to see an Entry and nothing else. What is not in it cannot be shown, so what is
remembered cannot be out of date, nor show one reader what belongs to another.
"""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.utils.safestring import SafeString

from tweets.read.hydrate import Facts
from web.presenters.tweets import Card


class Shown(NamedTuple):
    """What is shown of a tweet's Facts."""

    id: int
    author_id: int
    handle: str
    name: str
    private: bool
    text: str
    visibility: str
    created_at: datetime
    edited_at: datetime | None
    likes: int
    reposts: int
    quotes: int
    replies: int
    mine: bool
    mutes: bool
    blocks: bool
    liked: bool
    reposted: bool


class Entry(NamedTuple):
    """What is shown of a Card. An Entry of a quoted tweet has no `quoted` of its own."""

    tweet: Shown
    url: str
    html: SafeString
    when: SafeString
    warning: str
    anchor: str
    answers: str
    may_share: bool
    quote_missing: bool
    place: str
    place_url: str
    reposter: Shown | None
    quoted: "Entry | None"


_values = attrgetter(*Shown._fields)


def entry(card: Card) -> Entry:
    """The values of a card."""
    return Entry(
        tweet=_shown(card.tweet),
        url=card.url,
        html=card.html,
        when=card.when,
        warning=card.warning,
        anchor=card.anchor,
        answers=card.answers,
        may_share=card.may_share,
        quote_missing=card.quote_missing,
        place=card.place,
        place_url=card.place_url,
        reposter=_shown(card.reposter) if card.reposter else None,
        quoted=entry(card.quoted) if card.quoted else None,
    )


def _shown(tweet: Facts) -> Shown:
    return Shown._make(_values(tweet))
