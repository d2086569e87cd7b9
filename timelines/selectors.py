"""Read a page of a home timeline, as defined in docs/timelines.md.

A read walks down in batches. A batch comes from Redis as long as the timelines there are deep
enough: the home timeline and the pulled authors that the viewer follows, in one round trip. Below
that, and when Redis is not available, it comes from Postgres. Each batch is hydrated with one
query, which also loads the viewer's own tweets, so that these never lag. Then the rules decide,
regardless of what was pushed.

Where the first batch does not fill the page, many candidates may be forbidden, such as those of a
muted author. So the rest of the window in Redis is sieved with one query before it is hydrated, and
Postgres is asked only for what may be shown. WORK_MOST bounds what is left: a page that it cuts
short has a cursor to go on from.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from chirp.pagination import Cursor, Page, PageRequest
from chirp.redis.client import RedisAway
from timelines import candidates, metrics, services, store
from timelines.merge import merge
from timelines.rules import broken_rule
from timelines.store import Span
from tweets.read.facts import Facts
from tweets.read.hydrate import OwnRange, hydrate
from tweets.read.viewer import ViewerContext

log = logging.getLogger(__name__)
BATCH_SPARE = 10  # read more than the page needs, because some entries are filtered or folded
BATCH_MOST = 400
WORK_MOST = 2_000  # the sizes of all batches of a request that walks through forbidden entries
Reader = Callable[[int, int], Span | None]
PostgresReader = Callable[[int, int], Span]


@dataclass(frozen=True, slots=True)
class Reading:
    """The viewer whose timeline is read, and everything that decides on its entries.

    `pulled` are the ids of the authors that the viewer has to pull; None if not loaded yet.
    """

    context: ViewerContext
    viewer_id: int
    backfill: bool
    pulled: Sequence[int] | None

    def apply_rules(self, tweets: list[Facts]) -> list[Facts]:
        """Return those of the tweets that belong to the timeline."""
        context, backfill = self.context, self.backfill
        return [t for t in tweets if broken_rule(t, viewer=context, backfill=backfill) is None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that belong to the timeline, newest first. They are complete above `bottom`."""

    entries: list[Facts]
    bottom: int


def home(
    *,
    viewer: User,
    page: PageRequest,
    context: ViewerContext | None = None,
    pulled: Sequence[int] | None = None,
) -> Page[Facts]:
    """Return one page of the home timeline, newest first. Entries of one original are folded.

    `context` holds the viewer's filters, and `pulled` the ids of the authors that they have to
    pull. Callers that have not loaded them leave them out.
    """
    reading = Reading(
        context=context or ViewerContext(viewer_id=viewer.pk),
        viewer_id=viewer.pk,
        backfill=settings.TIMELINE_BACKFILL_ON_FOLLOW,
        pulled=pulled,
    )
    if page.cursor.after is not None:
        return _page_above(reading, page.cursor.after, page.limit)
    return _page_below(reading, page.cursor.before, page.limit)


def original_id(entry: Facts) -> int:
    """Return the id of the tweet that an entry displays: its own, or that of the original."""
    return entry.repost_of_id or entry.id


class Walk:
    """Every entry on one side of a position, in batches of growing size.

    `position` is how far the walk has come. `cut` is whether it stopped there although there may be
    more, because it had walked through as much as one request may.
    """

    def __init__(self, reading: Reading, position: int) -> None:
        self.reading, self.position, self.cut = reading, position, False

    def down(self, limit: int) -> Iterator[Facts]:
        """Yield the entries below the position, newest first."""
        read = _from_redis(self.reading)
        for size in _sizes(limit):
            span = read(self.position, size)
            if span is None:  # the window in Redis ends here, or Redis is not available
                read = _from_postgres(self.reading)
                span = read(self.position, size)
            batch = _batch(self.reading, span, self.position, size)
            yield from batch.entries
            self.position = batch.bottom + 1
            if self.position <= 1:
                return
        self.cut = True

    def up(self, limit: int) -> Iterator[Facts]:
        """Yield the entries above the position, oldest first. They are read from Postgres."""
        viewer_id, backfill = self.reading.viewer_id, self.reading.backfill
        for size in _sizes(limit):
            ids, top = candidates.above(
                viewer_id, above=self.position, limit=size, backfill=backfill
            )
            yield from reversed(self.reading.apply_rules(hydrate(ids, viewer_id=viewer_id)))
            self.position = top - 1
            if top == candidates.TOP:
                return
        self.cut = True


def _sizes(limit: int) -> Iterator[int]:
    """Yield the sizes of the batches for a page, as many as one request may read."""
    size, work = limit + BATCH_SPARE, 0
    while work < WORK_MOST:
        yield size
        size, work = min(size * 2, BATCH_MOST), work + size


def _page_below(reading: Reading, before: int | None, limit: int) -> Page[Facts]:
    walk = Walk(reading, candidates.TOP if before is None else min(before, candidates.TOP))
    by_original: dict[int, Facts] = {}
    more = passed = False
    for entry in walk.down(limit):
        # If it is known, it is folded: a newer entry of this page displays the same tweet.
        known = original_id(entry) in by_original
        passed = len(by_original) == limit
        if more := passed and not known:
            break
        if not known:
            by_original[original_id(entry)] = entry
    entries = list(by_original.values())
    # The next page begins below the last entry, even if those that follow are folded in this one.
    below = entries[-1].id if passed else walk.position
    above = None if before is None else Cursor(after=entries[0].id if entries else before - 1)
    return Page(entries, Cursor(before=below) if more or walk.cut else None, above)


def _page_above(reading: Reading, after: int, limit: int) -> Page[Facts]:
    """Return the page just above `after`. It is read from Postgres, because new entries are few."""
    walk = Walk(reading, after)
    by_original: dict[int, Facts] = {}
    more = False
    for entry in walk.up(limit):
        if original_id(entry) not in by_original and len(by_original) == limit:
            more = True
            break
        by_original.pop(original_id(entry), None)  # the newer entry replaces the older one
        by_original[original_id(entry)] = entry
    entries = list(by_original.values())[::-1]
    above = entries[0].id if more else walk.position
    below = entries[-1].id if entries else after + 1
    return Page(
        entries,
        Cursor(before=below) if _is_more_below(reading, below) else None,
        Cursor(after=above) if more or walk.cut else None,
    )


def _is_more_below(reading: Reading, below: int) -> bool:
    """Return whether there is an entry below an id, or may be one below what was examined."""
    walk = Walk(reading, min(below, candidates.TOP))
    return next(walk.down(1), None) is not None or walk.cut


def _batch(reading: Reading, span: Span, below: int, size: int) -> Batch:
    own = OwnRange(above=span.floor, below=below, limit=size)
    tweets = hydrate(span.ids, viewer_id=reading.viewer_id, own=own)
    mine = [tweet.id for tweet in tweets if tweet.mine]
    # With as many own tweets as the limit allows, there may be more, so the batch ends with them.
    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor
    return Batch([entry for entry in reading.apply_rules(tweets) if entry.id > bottom], bottom)


def _from_postgres(reading: Reading) -> PostgresReader:
    def read(below: int, size: int) -> Span:
        return candidates.below(
            reading.viewer_id, below=below, limit=size, backfill=reading.backfill
        )

    return read


def _from_redis(reading: Reading) -> Reader:
    """Return a reader of spans from Redis. It returns None below the window or without Redis.

    The first span is as it is stored. From then on, the rest of the window is sieved.
    """
    pulled = reading.pulled
    if pulled is None:
        pulled = candidates.pulled_followees(reading.viewer_id)
    sources = [store.home(reading.viewer_id), *map(store.author, pulled)]
    is_first = True

    def read(below: int, size: int) -> Span | None:
        nonlocal is_first
        if is_first:
            is_first = False
            return _window(sources, below, size)
        window = _window(sources, below, max(size, settings.HOME_MAX_LENGTH))
        return window and _sieved(reading, window, size)

    return read


def _sieved(reading: Reading, window: Span, size: int) -> Span:
    """Return the newest `size` ids of a window that may be shown."""
    ids = candidates.sieve(reading.viewer_id, window.ids, backfill=reading.backfill)
    return Span(ids[:size], ids[size - 1] - 1) if len(ids) >= size else Span(ids, window.floor)


def _window(sources: list[store.Source], below: int, size: int) -> Span | None:
    """Return the newest `size` ids of all sources; None below the window, or without Redis."""
    try:
        slices = _slices(sources, below, size)
    except RedisAway as error:
        log.warning("Reading from Postgres, Redis is not available: %s", error)
        metrics.count_fallback("redis_away")
        return None
    if slices is None:
        metrics.count_fallback("being_built")
        return None
    ids, bottom = merge(((piece.ids, piece.bottom) for piece in slices), size)
    if bottom >= below - 1:
        metrics.count_fallback("below_floor")
        return None
    return Span(ids, bottom)


def _slices(sources: list[store.Source], below: int, size: int) -> list[store.Slice] | None:
    """Build the sources that are cold, and return a slice of each. None if one stays cold."""
    found = store.read(sources, below=below, limit=size)
    cold = [source for source in sources if found[source] is None]
    metrics.count_read(warm=not cold)
    if cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
    slices = [piece for piece in found.values() if piece is not None]
    return slices if len(slices) == len(sources) else None


def _warm_up(cold: list[store.Source]) -> None:
    """Build the cold timelines, except those that another process is building: do not wait."""
    authors = [source.owner for source in cold if source.kind == "author"]
    if authors:
        services.populate_authors(authors)
    for source in cold:
        if source.kind == "home":
            services.populate(viewer_id=source.owner)
