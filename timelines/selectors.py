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
from tweets.read.hydrate import Facts, OwnRange, hydrate

log = logging.getLogger(__name__)
BATCH_SPARE = 10  # more than the page: some entries are filtered or folded
BATCH_MOST = 400
Pulled = Sequence[int]
Reader = Callable[[int, int], Span | None]
Walk = Callable[[int, int], Iterator[Facts]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that belong to the timeline, newest first: all there are above `bottom`."""

    entries: list[Facts]
    bottom: int


def home(*, viewer: User, page: PageRequest, pulled: Pulled | None = None) -> Page[Facts]:
    """One page of `viewer`'s home timeline, newest first, with entries of one original folded.

    `pulled` is whom they pull, where this request has asked that already.
    """
    walk = partial(_walk, viewer, pulled)
    if page.cursor.after is not None:
        return _page_above(viewer, walk, page.cursor.after, page.limit)
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


def _page_above(viewer: User, walk: Walk, after: int, limit: int) -> Page[Facts]:
    """The page that ends just above `after`. From Postgres: new entries are few."""
    shown: dict[int, Facts] = {}
    more = False
    for entry in _walk_up(viewer, after, limit):
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


def _walk(viewer: User, pulled: Pulled | None, below: int, limit: int) -> Iterator[Facts]:
    """Every entry below an id, newest first, in batches that grow when much is filtered."""
    if pulled is None:
        pulled = candidates.pulled_followees(viewer.pk)
    read, size = _from_redis(viewer, pulled), limit + BATCH_SPARE
    while below > 1:
        span = read(below, size)
        if span is None:  # the window in Redis ends here, or Redis is away
            read = _from_postgres(viewer)
            continue
        batch = _batch(viewer, span, below, size)
        yield from batch.entries
        below, size = batch.bottom + 1, min(size * 2, BATCH_MOST)


def _walk_up(viewer: User, above: int, limit: int) -> Iterator[Facts]:
    """Every entry above an id, oldest first."""
    authors = {**_followees(viewer), viewer.pk: 0}
    size = limit + BATCH_SPARE
    while ids := candidates.above(authors, above=above, limit=size):
        yield from reversed(_belonging(hydrate(ids, viewer_id=viewer.pk)))
        above, size = ids[-1], min(size * 2, BATCH_MOST)


def _batch(viewer: User, span: Span, below: int, size: int) -> Batch:
    own = OwnRange(above=span.floor, below=below, limit=size)
    tweets = hydrate(span.ids, viewer_id=viewer.pk, own=own)
    mine = [tweet.id for tweet in tweets if tweet.mine]
    # As many own tweets as were asked for: there may be more, so the batch ends with them.
    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor
    return Batch([entry for entry in _belonging(tweets) if entry.id > bottom], bottom)


def _belonging(tweets: list[Facts]) -> list[Facts]:
    backfill = settings.TIMELINE_BACKFILL_ON_FOLLOW
    return [tweet for tweet in tweets if broken_rule(tweet, backfill=backfill) is None]


def _followees(viewer: User) -> dict[int, int]:
    return candidates.followees(viewer.pk, backfill=settings.TIMELINE_BACKFILL_ON_FOLLOW)


def _from_postgres(viewer: User) -> Reader:
    authors = _followees(viewer)
    return lambda below, size: candidates.below(authors, below=below, limit=size)


def _from_redis(viewer: User, pulled: Pulled) -> Reader:
    """Reads spans out of Redis; None where they end, or when Redis does not answer."""
    sources = [store.home(viewer.pk), *map(store.author, pulled)]

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
