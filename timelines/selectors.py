"""Read a page of a home timeline, as defined in docs/timelines.md.

A read walks down in batches. A batch comes from Redis as long as the timelines there are deep
enough: the home timeline and the pulled authors that the viewer follows, in one round trip. Below
that, and when Redis is not available, it comes from Postgres. Each batch is hydrated with one
query, which also loads the viewer's own tweets, so that these never lag. Then the rules decide,
regardless of what was pushed.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

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
Reader = Callable[[int, int], Span | None]
Walk = Callable[[int, int], Iterator[Facts]]


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

    def followees(self) -> dict[int, int]:
        """Return the followees of the viewer with lower bounds for the ids of their tweets."""
        return candidates.followees(self.viewer_id, backfill=self.backfill)


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
    walk = partial(_walk, reading)
    if page.cursor.after is not None:
        return _page_above(reading, walk, page.cursor.after, page.limit)
    return _page_below(walk, page.cursor.before, page.limit)


def original_id(entry: Facts) -> int:
    """Return the id of the tweet that an entry displays: its own, or that of the original."""
    return entry.repost_of_id or entry.id


def _page_below(walk: Walk, before: int | None, limit: int) -> Page[Facts]:
    top = candidates.TOP if before is None else min(before, candidates.TOP)
    by_original: dict[int, Facts] = {}
    more = False
    for entry in walk(top, limit):
        if original_id(entry) in by_original:
            continue  # folded: a newer entry of this page displays the same tweet
        if more := len(by_original) == limit:
            break
        by_original[original_id(entry)] = entry
    entries = list(by_original.values())
    above = None if before is None else Cursor(after=entries[0].id if entries else before - 1)
    return Page(entries, Cursor(before=entries[-1].id) if more else None, above)


def _page_above(reading: Reading, walk: Walk, after: int, limit: int) -> Page[Facts]:
    """Return the page just above `after`. It is read from Postgres, because new entries are few."""
    by_original: dict[int, Facts] = {}
    more = False
    for entry in _walk_up(reading, after, limit):
        if original_id(entry) not in by_original and len(by_original) == limit:
            more = True
            break
        by_original.pop(original_id(entry), None)  # the newer entry replaces the older one
        by_original[original_id(entry)] = entry
    entries = list(by_original.values())[::-1]
    below = entries[-1].id if entries else after + 1
    deeper = next(walk(min(below, candidates.TOP), 1), None) is not None
    return Page(
        entries,
        Cursor(before=below) if deeper else None,
        Cursor(after=entries[0].id) if more else None,
    )


def _walk(reading: Reading, below: int, limit: int) -> Iterator[Facts]:
    """Yield every entry below an id, newest first, in batches of growing size."""
    read, size = _from_redis(reading), limit + BATCH_SPARE
    while below > 1:
        span = read(below, size)
        if span is None:  # the window in Redis ends here, or Redis is not available
            read = _from_postgres(reading)
            continue
        batch = _batch(reading, span, below, size)
        yield from batch.entries
        below, size = batch.bottom + 1, min(size * 2, BATCH_MOST)


def _walk_up(reading: Reading, above: int, limit: int) -> Iterator[Facts]:
    """Yield every entry above an id, oldest first."""
    authors = {**reading.followees(), reading.viewer_id: 0}
    size = limit + BATCH_SPARE
    while ids := candidates.above(authors, above=above, limit=size):
        yield from reversed(reading.apply_rules(hydrate(ids, viewer_id=reading.viewer_id)))
        above, size = ids[-1], min(size * 2, BATCH_MOST)


def _batch(reading: Reading, span: Span, below: int, size: int) -> Batch:
    own = OwnRange(above=span.floor, below=below, limit=size)
    tweets = hydrate(span.ids, viewer_id=reading.viewer_id, own=own)
    mine = [tweet.id for tweet in tweets if tweet.mine]
    # With as many own tweets as the limit allows, there may be more, so the batch ends with them.
    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor
    return Batch([entry for entry in reading.apply_rules(tweets) if entry.id > bottom], bottom)


def _from_postgres(reading: Reading) -> Reader:
    authors = reading.followees()
    return lambda below, size: candidates.below(authors, below=below, limit=size)


def _from_redis(reading: Reading) -> Reader:
    """Return a reader of spans from Redis. It returns None below the window or without Redis."""
    pulled = reading.pulled
    if pulled is None:
        pulled = candidates.pulled_followees(reading.viewer_id)
    sources = [store.home(reading.viewer_id), *map(store.author, pulled)]

    def read(below: int, size: int) -> Span | None:
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

    return read


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
