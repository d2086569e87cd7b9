"""Read a page of a home timeline, as defined in docs/timelines.md.

A read walks down in batches. A batch comes from Redis as long as the timelines there are deep
enough: the home timeline and the pulled authors that the viewer follows, in one round trip. Below
that, and when Redis is not available, it comes from Postgres. Tweets with hashtags that the viewer
follows are merged into each batch from Postgres. Each batch is hydrated with one query, which also
loads the viewer's own tweets, so that these never lag. Then the rules decide, regardless of what
was pushed.

Where the first batch does not fill the page, many candidates may be forbidden, such as those of a
muted author. So the rest of the window in Redis is sieved with one query before it is hydrated, and
Postgres is asked only for what may be shown.
"""

import logging
from collections.abc import Callable
from typing import ClassVar

from django.conf import settings
from django.db import OperationalError

from accounts.models import User
from chirp.pagination import Page, PageRequest
from chirp.redis.client import RedisAway
from timelines import candidates, metrics, readers, services, store
from timelines.merge import merge
from timelines.paging import ReadSpan, Timeline, read_page
from timelines.readers import Reader
from timelines.rules import Rule, Source, broken_rule, sources
from timelines.store import Span
from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext

log = logging.getLogger(__name__)
ReadWindow = Callable[[int, int], Span | None]


def home(*, viewer: User, page: PageRequest, reader: Reader | None = None) -> Page[Facts]:
    """Return one page of the home timeline, newest first. Entries of one original are folded.

    `reader` is the viewer as a reader (timelines/readers.py), if the caller has loaded it.
    """
    return read_page(Home(viewer.pk, reader or readers.load(viewer)), page)


class Home(Timeline):
    """The home timeline of a reader."""

    has_own: ClassVar[bool] = True

    def __init__(self, viewer_id: int, reader: Reader) -> None:
        super().__init__(reader)
        self.viewer_id = viewer_id
        self.sources = [store.home(viewer_id), *map(store.author, reader.pulled)]
        self.backfill: bool = settings.TIMELINE_BACKFILL_ON_FOLLOW

    def broken_rule(self, tweet: Facts) -> Rule | None:
        """Return the first rule that keeps a tweet out, or None. Filters are not considered."""
        return broken_rule(tweet, viewer=self.viewer, backfill=self.backfill)

    def sources_of(self, tweet: Facts) -> list[Source]:
        """Return everything that lets a tweet in by rule 1, whatever other rules say."""
        return sources(tweet, viewer=self.viewer, backfill=self.backfill)

    def reads_below(self) -> ReadSpan:
        """Return a function that reads candidates from Redis, and below its window from Postgres.

        The viewer's own tweets are not among them.
        """
        window: ReadWindow | None = _windows(self)

        def read(below: int, size: int) -> Span:
            nonlocal window
            span = window and window(below, size)
            if span is None:  # the window in Redis ends here, or Redis is not available
                window = None
                span = candidates.below(
                    self.viewer, below=below, limit=size, backfill=self.backfill
                )
            return self._with_tagged(span, below, size)

        return read

    def above(self, position: int, limit: int) -> tuple[list[int], int]:
        """Return the oldest candidates above an id, and the id below which they are complete."""
        ids, top = candidates.above(
            self.viewer, above=position, limit=limit, backfill=self.backfill
        )
        if not self.viewer.tags:
            return ids, top
        tagged, tagged_top = candidates.tagged_above(self.viewer, above=position, limit=limit)
        top = min(top, tagged_top)
        return [id_ for id_ in {*ids, *tagged} if id_ < top], top

    def _with_tagged(self, span: Span, below: int, size: int) -> Span:
        """Merge the tweets with followed hashtags into a span."""
        if not self.viewer.tags:
            return span
        tagged = candidates.tagged_below(self.viewer, below=below, limit=size)
        return Span(*merge([(span.ids, span.floor), (tagged.ids, tagged.floor)], size))


def _windows(timeline: Home) -> ReadWindow:
    """Return a reader of spans from Redis. It returns None below the window or without Redis.

    The first span is as it is stored. From then on, the rest of the window is sieved.
    """
    is_first = True

    def read(below: int, size: int) -> Span | None:
        nonlocal is_first
        if is_first:
            is_first = False
            return _window(timeline.sources, below, size)
        window = _window(timeline.sources, below, max(size, settings.HOME_MAX_LENGTH))
        return window and _sieved(timeline.viewer, window, size, backfill=timeline.backfill)

    return read


def _sieved(viewer: ViewerContext, window: Span, size: int, *, backfill: bool) -> Span:
    """Return the newest `size` ids of a window that may be shown."""
    ids = candidates.sieve(viewer, window.ids, limit=size, backfill=backfill)
    return Span(ids, ids[-1] - 1 if len(ids) == size else window.floor)


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
    """Build the cold timelines, except those that another process is building: do not wait.

    They stay cold without the primary, from which they are built. A replica may still answer.
    """
    authors = [source.owner for source in cold if source.kind == "author"]
    try:
        if authors:
            services.populate_authors(authors)
        for source in cold:
            if source.kind == "home":
                services.populate(viewer_id=source.owner)
    except OperationalError as error:
        log.warning("Timelines are not built, Postgres is not available: %s", error)
