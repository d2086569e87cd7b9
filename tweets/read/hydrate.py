"""Hydrate: from ids to everything that rules and pages need to know, in one query for one viewer.

The query brings the tweets asked for, the originals of the reposts among them, and what either
quote: tweets/sql.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from tweets import sql
from tweets.read.facts import Facts


@dataclass(frozen=True, slots=True)
class OwnRange:
    """The viewer's own newest tweets strictly between two ids, at most `limit` of them."""

    above: int
    below: int
    limit: int


NO_OWN = OwnRange(above=0, below=0, limit=0)
_id = attrgetter("id")


def hydrate(ids: Iterable[int], *, viewer_id: int | None, own: OwnRange = NO_OWN) -> list[Facts]:
    """The facts of `ids`, and of the viewer's own tweets in `own`, newest first. One query.

    Originals and quoted tweets are in `original` and `quoted`. Ids that do not exist are left out;
    deleted tweets are not, since nothing is decided here.
    """
    rows = sql.FACTS.rows(
        ids=list(ids), viewer=viewer_id, above=own.above, below=own.below, limit=own.limit
    )
    facts: dict[int, Facts] = {}
    for tweet in (Facts(*row) for row in rows):
        # A tweet of the page may be quoted there too, and is then found twice.
        if tweet.on_page or tweet.id not in facts:
            facts[tweet.id] = tweet
    for tweet in facts.values():
        tweet.original = facts.get(tweet.repost_of_id or 0)
        tweet.quoted = facts.get(tweet.quote_of_id or 0)
    return sorted((f for f in facts.values() if f.on_page), key=_id, reverse=True)
