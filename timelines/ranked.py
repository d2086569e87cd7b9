"""Home, ranked: the recent part of the home timeline, in the order of timelines/ranking.py.

The first page reads the newest candidates of home, as home itself does, and orders them by what one
small query knows of each: neither their texts nor all rules matter for that. The order is kept in
Redis for half an hour (`store.save_order`), and further pages go through it, so they neither repeat
nor leave out an entry while tweets and likes come in. All rules are applied at every read. Without
the kept order, a further page orders anew what was there at the first page
(docs/decisions/0029-ranked-home.md).
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from accounts.models import User
from chirp import ids
from chirp.pagination import BadCursor, Cursor, Page, PageRequest
from chirp.redis.client import RedisAway
from timelines import candidates, ranking, readers, store
from timelines.paging import WORK_MOST, batch_sizes
from timelines.ranking import Factors, Part, Weighed
from timelines.readers import Reader
from timelines.selectors import Home
from timelines.sql import ranked as sql
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate

log = logging.getLogger(__name__)
ENTRIES_MOST = 300
ENTRIES_ENOUGH = 100  # with so many, no further candidates are read
BATCH_LEAST, BATCH_MOST = 100, 300  # candidates that are read at once
SAME_MOST = 20  # of the reposts of one tweet the newest are one entry
DAYS_MOST = 3
MARKS = 200  # so many liked tweets, and so many tweets of the viewer, make the affinity
OFFSET_BITS = 9  # of a cursor: where in the order it is. The rest is the id below which all was.
Order = Sequence[Sequence[int]]  # of each entry its id, and those of older ones that show the same


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry, and in words why it stands where it does."""

    entry: Facts
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """What the score of an entry is made of."""

    score: float
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Weights:
    """What ranks entries for a viewer besides the entries themselves, at a time, as an id.

    `marks` is how often the viewer lately liked, answered or reposted each author.
    """

    viewer_id: int
    marks: Mapping[int, int]
    now: int

    @classmethod
    def of(cls, viewer_id: int, now: int) -> "Weights":
        """Return those of a viewer. Makes one query."""
        return cls(viewer_id, dict(sql.MARKS.rows(viewer=viewer_id, limit=MARKS)), now)

    def at(self, now: int) -> "Weights":
        """Return the same at another time."""
        return replace(self, now=now)

    def factors(self, entry: Weighed) -> Factors:
        """Return the factors of an entry."""
        age = ids.hours_between(entry.id, self.now)
        return ranking.factors(entry, viewer_id=self.viewer_id, age_hours=age, marks=self.marks)


def home_ranked(*, viewer: User, page: PageRequest, reader: Reader | None = None) -> Page[Ranked]:
    """Return one page of the ranked home timeline. Entries of one original are folded.

    Raises BadCursor for a cursor of another list.
    """
    home = Home(viewer.pk, reader or readers.load(viewer))
    now = ids.at(time.time())
    up = page.cursor.after is not None
    position = page.cursor.after if up else page.cursor.before
    weights = Weights.of(viewer.pk, now)
    if position is None:
        new = _new_order(home, weights)
        _keep(viewer.pk, now, new)
        return _page(home, new, weights, now, 0, page.limit)
    top, offset = position >> OFFSET_BITS, position & (2**OFFSET_BITS - 1)
    if not 0 < top <= now:
        raise BadCursor
    kept = _kept(viewer.pk, top)
    order = _new_order(home, weights.at(top)) if kept is None else kept
    if up:
        order = order[:offset]
    start = max(offset - page.limit, 0) if up else offset
    found = _page(home, order, weights, top, start, page.limit)
    below = Cursor(before=_position(top, offset))
    return replace(found, next=below) if up else found


def rank_of(*, viewer: User, entry: Facts) -> Rank | None:
    """Return what ranks an entry of home now; None if it is too old to be ranked."""
    weights = Weights.of(viewer.pk, ids.at(time.time()))
    if _is_old(entry.id, weights.now):
        return None
    found = weights.factors(ranking.weighed(entry))
    return Rank(found.score, ranking.parts(found, ranking.handles_of(entry)))


def _page(
    home: Home, order: Order, weights: Weights, top: int, start: int, limit: int
) -> Page[Ranked]:
    """Return the entries from an offset on. Those that rules forbid are passed over."""
    found = list(islice(_allowed(home, order, start, limit), limit + 1))
    shown = [_explained(entry, weights) for _, entry in found[:limit]]
    return Page(
        shown,
        next=Cursor(before=_position(top, found[limit][0])) if len(found) > limit else None,
        previous=Cursor(after=_position(top, start)) if start > 0 else None,
    )


def _allowed(home: Home, order: Order, start: int, limit: int) -> Iterator[tuple[int, Facts]]:
    """Yield the entries that rules allow, with their offsets. The newest stands for the others."""
    for size in batch_sizes(limit):
        some = order[start : start + size]
        tweets = hydrate(chain.from_iterable(some), viewer_id=home.viewer_id)
        found = {entry.id: entry for entry in home.apply_rules(tweets)}
        for offset, same in enumerate(some, start):
            allowed = [found[id_] for id_ in same if id_ in found]
            if allowed:
                allowed[0].folded = tuple(allowed[1:])
                yield offset, allowed[0]
        start += size
        if start >= len(order):
            return


def _position(top: int, offset: int) -> int:
    return top << OFFSET_BITS | offset


def _explained(entry: Facts, weights: Weights) -> Ranked:
    found = weights.factors(ranking.weighed(entry))
    return Ranked(entry, ranking.in_words(found, ranking.handles_of(entry)))


def _new_order(home: Home, weights: Weights) -> Order:
    """Order the newest entries at a time."""
    entries = _recent(home, weights.now)
    scores = {same[0]: weights.factors(same[0]).score for same in entries}
    entries.sort(key=lambda same: (scores[same[0]], same[0].id), reverse=True)
    return [[entry.id for entry in same] for same in entries]


def _recent(home: Home, top: int) -> list[list[Weighed]]:
    """Return the newest entries below an id, those that show the same tweet together."""
    found: dict[int, list[Weighed]] = {}
    read, position, size, work = home.reads_below(), top, BATCH_MOST, 0
    while position > 1 and len(found) < ENTRIES_ENOUGH and work < WORK_MOST:
        span = read(position, size)
        below, position, work = position, span.floor + 1, work + size
        for entry in candidates.weighed(home.viewer, span, below=below, backfill=home.backfill):
            is_full = len(found) == ENTRIES_MOST and entry.original_id not in found
            if is_full or _is_old(entry.id, top):
                return list(found.values())
            same = found.setdefault(entry.original_id, [])
            if len(same) < SAME_MOST:
                same.append(entry)
        # No more than may be missing: of many followees, Postgres finds a few entries by a walk
        # through everybody's tweets, and many only by asking for those of each followee.
        size = min(max(2 * (ENTRIES_ENOUGH - len(found)), BATCH_LEAST), BATCH_MOST)
    return list(found.values())


def _is_old(id_: int, now: int) -> bool:
    return ids.hours_between(id_, now) > DAYS_MOST * 24


def _kept(viewer_id: int, top: int) -> Order | None:
    try:
        return store.load_order(viewer_id, top)
    except RedisAway as error:
        log.warning("Ranking anew, Redis is not available: %s", error)
        return None


def _keep(viewer_id: int, top: int, order: Order) -> None:
    try:
        store.save_order(viewer_id, top, order)
    except RedisAway as error:
        log.warning("The order of a ranked timeline is not kept: %s", error)
