"""Read a home timeline: the definition in docs/timelines.md, page by page.

A read walks down in batches. A batch comes from Redis as long as the timelines there reach deep
enough (the home timeline and every followed author who is pulled, in one round trip), and from
Postgres below that, or when Redis is away. Each batch is hydrated with one query, which also brings
the viewer's own tweets, so that these never lag; then the rules decide, whatever was pushed.
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
BATCH_SPARE = 10  # more than the page: some entries are filtered or folded
BATCH_MOST = 400
Reader = Callable[[int, int], Span | None]
Walk = Callable[[int, int], Iterator[Facts]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose timeline is read, and what decides on its entries.

    `pulled` are the authors whom the viewer has to pull; None until it is known.
    """

    context: ViewerContext
    viewer_id: int
    backfill: bool
    pulled: Sequence[int] | None

    def belonging(self, tweets: list[Facts]) -> list[Facts]:
        """Those of these tweets that belong to the timeline."""
        context, backfill = self.context, self.backfill
        return [t for t in tweets if broken_rule(t, viewer=context, backfill=backfill) is None]

    def followees(self) -> dict[int, int]:
        """Whom the viewer follows, and the id above which to look for their tweets."""
        return candidates.followees(self.viewer_id, backfill=self.backfill)


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that belong to the timeline, newest first: all there are above `bottom`."""

    entries: list[Facts]
    bottom: int


def home(
    *,
    viewer: User,
    page: PageRequest,
    context: ViewerContext | None = None,
    pulled: Sequence[int] | None = None,
) -> Page[Facts]:
    """One page of `viewer`'s home timeline, newest first, with entries of one original folded.

    `context` holds the viewer's filters; `pulled` is whom they pull. Both may be left out by
    callers who have not looked them up.
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
    """What an entry shows: itself, or what it reposts."""
    return entry.repost_of_id or entry.id


def _page_below(walk: Walk, before: int | None, limit: int) -> Page[Facts]:
    top = candidates.TOP if before is None else min(before, candidates.TOP)
    shown: dict[int, Facts] = {}
    more = False
    for entry in walk(top, limit):
        if original_id(entry) in shown:
            continue  # folded: a newer entry of this page shows the same
        if more := len(shown) == limit:
            break
        shown[original_id(entry)] = entry
    entries = list(shown.values())
    above = None if before is None else Cursor(after=entries[0].id if entries else before - 1)
    return Page(entries, Cursor(before=entries[-1].id) if more else None, above)


def _page_above(reading: Reading, walk: Walk, after: int, limit: int) -> Page[Facts]:
    """The page that ends just above `after`. From Postgres: new entries are few."""
    shown: dict[int, Facts] = {}
    more = False
    for entry in _walk_up(reading, after, limit):
        if original_id(entry) not in shown and len(shown) == limit:
            more = True
            break
        shown.pop(original_id(entry), None)  # the newer one is shown
        shown[original_id(entry)] = entry
    entries = list(shown.values())[::-1]
    below = entries[-1].id if entries else after + 1
    deeper = next(walk(min(below, candidates.TOP), 1), None) is not None
    return Page(
        entries,
        Cursor(before=below) if deeper else None,
        Cursor(after=entries[0].id) if more else None,
    )


def _walk(reading: Reading, below: int, limit: int) -> Iterator[Facts]:
    """Every entry below an id, newest first, in batches that grow when much is filtered."""
    read, size = _from_redis(reading), limit + BATCH_SPARE
    while below > 1:
        span = read(below, size)
        if span is None:  # the window in Redis ends here, or Redis is away
            read = _from_postgres(reading)
            continue
        batch = _batch(reading, span, below, size)
        yield from batch.entries
        below, size = batch.bottom + 1, min(size * 2, BATCH_MOST)


def _walk_up(reading: Reading, above: int, limit: int) -> Iterator[Facts]:
    """Every entry above an id, oldest first."""
    authors = {**reading.followees(), reading.viewer_id: 0}
    size = limit + BATCH_SPARE
    while ids := candidates.above(authors, above=above, limit=size):
        yield from reversed(reading.belonging(hydrate(ids, viewer_id=reading.viewer_id)))
        above, size = ids[-1], min(size * 2, BATCH_MOST)


def _batch(reading: Reading, span: Span, below: int, size: int) -> Batch:
    own = OwnRange(above=span.floor, below=below, limit=size)
    tweets = hydrate(span.ids, viewer_id=reading.viewer_id, own=own)
    mine = [tweet.id for tweet in tweets if tweet.mine]
    # As many own tweets as were asked for: there may be more, so the batch ends with them.
    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor
    return Batch([entry for entry in reading.belonging(tweets) if entry.id > bottom], bottom)


def _from_postgres(reading: Reading) -> Reader:
    authors = reading.followees()
    return lambda below, size: candidates.below(authors, below=below, limit=size)


def _from_redis(reading: Reading) -> Reader:
    """Reads spans out of Redis; None where they end, or when Redis does not answer."""
    pulled = reading.pulled
    if pulled is None:
        pulled = candidates.pulled_followees(reading.viewer_id)
    sources = [store.home(reading.viewer_id), *map(store.author, pulled)]

    def read(below: int, size: int) -> Span | None:
        try:
            slices = _slices(sources, below, size)
        except RedisAway as error:
            log.warning("Reading from Postgres, Redis is away: %s", error)
            metrics.fell_back("redis_away")
            return None
        if slices is None:
            metrics.fell_back("being_built")
            return None
        ids, bottom = merge(((piece.ids, piece.bottom) for piece in slices), size)
        if bottom >= below - 1:
            metrics.fell_back("below_floor")
            return None
        return Span(ids, bottom)

    return read


def _slices(sources: list[store.Source], below: int, size: int) -> list[store.Slice] | None:
    """A slice of each source, after building those that are cold. None if one stays cold."""
    found = store.read(sources, below=below, limit=size)
    cold = [source for source in sources if found[source] is None]
    metrics.saw(warm=not cold)
    if cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
    slices = [piece for piece in found.values() if piece is not None]
    return slices if len(slices) == len(sources) else None


def _warm_up(cold: list[store.Source]) -> None:
    """Build what is cold, unless somebody else does: then this read goes on without waiting."""
    authors = [source.owner for source in cold if source.kind == "author"]
    if authors:
        services.populate_authors(authors)
    for source in cold:
        if source.kind == "home":
            services.populate(viewer_id=source.owner)
