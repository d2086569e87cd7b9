"""Home, ranked: the recent part of the home timeline, in the order of timelines/ranking.py.

The first page reads the newest entries of home, as home itself does, and orders them. The order is
kept in Redis for half an hour (`store.save_order`), and further pages go through it, so they
neither repeat nor leave out an entry while tweets and likes come in. The rules are applied at every
read all the same. Without the kept order, a further page orders anew what was there at the first
page (docs/decisions/0029-ranked-home.md).
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from accounts.models import User
from chirp import ids
from chirp.pagination import BadCursor, Cursor, Page, PageRequest
from chirp.redis.client import RedisAway
from timelines import ranking, readers, sql, store
from timelines.paging import Walk, original_id
from timelines.readers import Reader
from timelines.selectors import Home
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate

log = logging.getLogger(__name__)
ENTRIES_MOST = 300
DAYS_MOST = 3
BATCH_LEAST = 50  # a page that has to pass over entries is filled by few queries
MARKS = 200  # so many liked tweets, and so many tweets of the viewer, make the affinity
OFFSET_BITS = 9  # of a cursor: where in the order it is. The rest is the id below which all was.


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry, and in words why it stands where it does."""

    entry: Facts
    why: tuple[str, ...]


def home_ranked(*, viewer: User, page: PageRequest, reader: Reader | None = None) -> Page[Ranked]:
    """Return one page of the ranked home timeline. Entries of one original are folded.

    Raises BadCursor for a cursor of another list.
    """
    home = Home(viewer.pk, reader or readers.load(viewer))
    up = page.cursor.after is not None
    position = page.cursor.after if up else page.cursor.before
    if position is None:
        now = ids.at(time.time())
        return _page(home, _new_order(home, now, keep=True), now, 0, page.limit)
    top, offset = position >> OFFSET_BITS, position & (2**OFFSET_BITS - 1)
    if not 0 < top <= ids.at(time.time()):
        raise BadCursor
    order = _kept(viewer.pk, top)
    if order is None:
        order = _new_order(home, top, keep=False)
    if up:
        order = order[:offset]
    start = max(offset - page.limit, 0) if up else offset
    found = _page(home, order, top, start, page.limit)
    below = Cursor(before=_position(top, offset))
    return replace(found, next=below) if up else found


def _page(home: Home, order: Sequence[int], top: int, start: int, limit: int) -> Page[Ranked]:
    """Return the entries from an offset on. Those that rules forbid by now are passed over."""
    shown: list[Facts] = []
    end = start
    while len(shown) < limit and end < len(order):
        some = order[end : end + max(limit, BATCH_LEAST)]
        tweets = hydrate(some, viewer_id=home.viewer_id)
        found = {entry.id: entry for entry in home.apply_rules(tweets)}
        for id_ in some:
            if len(shown) == limit:
                break
            end += 1
            if id_ in found:
                shown.append(found[id_])
    return Page(
        list(_explained(home, shown)),
        next=Cursor(before=_position(top, end)) if end < len(order) else None,
        previous=Cursor(after=_position(top, start)) if start > 0 else None,
    )


def _position(top: int, offset: int) -> int:
    return top << OFFSET_BITS | offset


def _explained(home: Home, entries: Sequence[Facts]) -> Iterator[Ranked]:
    marks = _marks(home.viewer_id) if entries else {}
    now = ids.at(time.time())
    for entry in entries:
        found = ranking.factors(entry, age_hours=ids.hours_between(entry.id, now), marks=marks)
        yield Ranked(entry, ranking.in_words(found))


def _new_order(home: Home, top: int, *, keep: bool) -> list[int]:
    """Order the newest entries below an id, and keep the order for further pages."""
    marks = _marks(home.viewer_id)
    scores = {
        entry.id: ranking.factors(
            entry, age_hours=ids.hours_between(entry.id, top), marks=marks
        ).score
        for entry in _recent(home, top)
    }
    order = sorted(scores, key=lambda id_: (scores[id_], id_), reverse=True)
    if keep:
        _keep(home.viewer_id, top, order)
    return order


def _recent(home: Home, top: int) -> Iterator[Facts]:
    """Yield the newest entries below an id, of one original only the newest."""
    seen: set[int] = set()
    for entry in Walk(home, top).down(ENTRIES_MOST):
        if len(seen) == ENTRIES_MOST or ids.hours_between(entry.id, top) > DAYS_MOST * 24:
            return
        if original_id(entry) not in seen:
            seen.add(original_id(entry))
            yield entry


def _marks(viewer_id: int) -> dict[int, int]:
    """Return how often the viewer lately liked, answered or reposted each author."""
    return dict(sql.MARKS.rows(viewer=viewer_id, limit=MARKS))


def _kept(viewer_id: int, top: int) -> list[int] | None:
    try:
        return store.load_order(viewer_id, top)
    except RedisAway as error:
        log.warning("Ranking anew, Redis is not available: %s", error)
        return None


def _keep(viewer_id: int, top: int, order: Sequence[int]) -> None:
    try:
        store.save_order(viewer_id, top, order)
    except RedisAway as error:
        log.warning("The order of a ranked timeline is not kept: %s", error)
