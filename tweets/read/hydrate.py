"""Hydrate tweets: load the facts for a list of ids and one viewer, or many, with one query.

The query (in tweets/sql/facts.py) returns the requested tweets, the originals of the reposts among
them, the tweets that any of these quote, and of replies the parent and the first of the
conversation.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from tweets.read import references
from tweets.read.facts import Facts, from_row
from tweets.sql import facts as sql


@dataclass(frozen=True, slots=True)
class OwnRange:
    """The viewer's newest tweets strictly between the ids `above` and `below`, at most `limit`."""

    above: int
    below: int
    limit: int


NO_OWN = OwnRange(above=0, below=0, limit=0)
_id = attrgetter("id")


def hydrate(ids: Iterable[int], *, viewer_id: int | None, own: OwnRange = NO_OWN) -> list[Facts]:
    """Return the facts of the tweets in `ids` and of the viewer's tweets in `own`, newest first.

    This takes one query, or two where a tweet has changed in a way that this process remembered
    otherwise. `original`, `quoted`, `parent` and `root` are set. Ids that do not exist are left
    out. Deleted tweets are included: callers decide what the viewer may see.
    """
    wanted = list(ids)
    rows = _flat(wanted, viewer_id, own)
    is_flat = rows is not None
    if rows is None:
        rows = sql.FACTS.rows(
            ids=wanted, viewer=viewer_id, above=own.above, below=own.below, limit=own.limit
        )
    tweets = sorted(_linked(map(from_row, rows)), key=_id, reverse=True)
    if not is_flat:
        references.remember(tweets)
        if own.limit and viewer_id is not None:
            mine = [tweet.id for tweet in tweets if tweet.mine]
            references.remember_own(viewer_id, mine, above=own.above, below=own.below)
    return tweets


def _flat(ids: list[int], viewer_id: int | None, own: OwnRange) -> list[tuple[Any, ...]] | None:
    """The rows of a page of which it is known what its tweets refer to; otherwise None."""
    mine = [id_ for id_ in references.own_of(viewer_id) if own.above < id_ < own.below]
    page = [*ids, *mine[: own.limit]] if mine else ids
    needed = references.surroundings_of(page)
    if needed is None:
        return None
    rows = sql.FLAT_FACTS.rows(
        page=page,
        ids=list(needed.ids),
        accounts=list(needed.accounts),
        linking=list(needed.linking),
        viewer=viewer_id,
        above=own.above,
        below=own.below,
        limit=own.limit,
    )
    if references.still_hold(rows, needed):
        # Whether all of the viewer's tweets are on the page that have to be.
        return rows if rows[0][-1] else None
    references.forget(needed.ids)
    return None


def hydrate_for(
    ids: Collection[int], *, viewer_ids: Collection[int]
) -> dict[int, dict[int, Facts]]:
    """Return the facts of tweets for many viewers: by viewer, then by tweet. Takes one query."""
    by_viewer: dict[int, list[Facts]] = {}
    for row in sql.FACTS_FOR.rows(ids=list(ids), viewers=list(viewer_ids)):
        tweet = from_row(row)
        by_viewer.setdefault(tweet.viewer_id or 0, []).append(tweet)
    return {
        viewer_id: {tweet.id: tweet for tweet in _linked(tweets)}
        for viewer_id, tweets in by_viewer.items()
    }


def _linked(tweets: Iterable[Facts]) -> list[Facts]:
    """Set the tweets that others refer to, and return those of the page."""
    facts: dict[int, Facts] = {}
    for tweet in tweets:
        # A requested tweet that another one quotes is in the result twice.
        if tweet.on_page or tweet.id not in facts:
            facts[tweet.id] = tweet
    for tweet in facts.values():
        # Most refer to nothing else.
        if tweet.conversation_id != tweet.id:
            tweet.first = facts.get(tweet.conversation_id or 0)
        if tweet.reply_to_id is not None:
            tweet.parent = facts.get(tweet.reply_to_id)
        if tweet.repost_of_id is not None:
            tweet.original = facts.get(tweet.repost_of_id)
        if tweet.quote_of_id is not None:
            tweet.quoted = facts.get(tweet.quote_of_id)
    return [tweet for tweet in facts.values() if tweet.on_page]
