"""Pages of lists from which some entries are filtered for the viewer.

A query reads a window of a list and returns candidates: it leaves out whatever it can tell that the
viewer may not or does not want to see. Each candidate is then loaded, and shown or left out by the
rules, which have the last word. A page is filled from a few windows of growing size at most. So
one request does a bounded amount of work, and a page may be short, or even empty, before the end of
the list if thousands of entries in a row are hidden; its `next` continues where the work ended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import QuerySet

from chirp.db.prepared import Prepared
from chirp.itertools import batched
from chirp.pagination import Cursor, Page, PageRequest
from tweets.sql.windows import Scans

T = TypeVar("T")
TOP = 2**63 - 1
WINDOWS = 4  # that one page is filled from
ROOM = 2  # how much larger the first one is than the page: reading a candidate costs little
GROWTH = 4
MAX_WINDOW = 1000
MOST_AUTHORS = 200  # that a query tells apart before it gives up
Candidate = tuple[int, int]  # (position in the list, id of the tweet or account)


@dataclass(frozen=True, slots=True)
class Scan:
    """The part of a list to read: `size` rows beyond a position, up or down the list.

    `wanted` is the number of entries that the page needs. A scan is `thorough` if more than half
    of the entries above it were hidden.
    """

    position: int
    size: int
    wanted: int
    up: bool = False
    thorough: bool = False

    def choose(self, scans: Scans) -> Prepared:
        """Return the query for this direction."""
        return scans.above if self.up else scans.below


@dataclass(frozen=True, slots=True)
class Window:
    """The candidates in a part of a list, in the order of reading.

    `end` is the position up to which the list has been read, None for the end of the list.
    """

    candidates: list[Candidate]
    end: int | None


class Candidates(Protocol):
    """A source of candidates for a list. Positions are unique integers."""

    def read(self, scan: Scan) -> Window:
        """Return the next candidates beyond a position: descending, or ascending if `up`."""


@dataclass(frozen=True, slots=True)
class Query:
    """Candidates from a query with these parameters.

    `by_author` is a query for the same list that leaves out the authors who are hidden, and whose
    cost does not depend on how much they wrote, but on how many authors there are.
    """

    scans: Scans
    parameters: Mapping[str, Any]
    by_author: Scans | None = None

    def read(self, scan: Scan) -> Window:
        """Return the next candidates beyond a position."""
        if self.by_author is not None and scan.thorough:
            more = {"scan": scan.wanted, "most_authors": MOST_AUTHORS}
            gave_up, window = self._run(scan.choose(self.by_author), scan.position, **more)
            if not gave_up:
                return window
        return self._run(scan.choose(self.scans), scan.position, scan=scan.size)[1]

    def _run(self, query: Prepared, position: int, **more: Any) -> tuple[bool, Window]:
        rows = query.rows(**self.parameters, position=position, **more)
        ((gave_up, end, keys, ids),) = rows
        return gave_up, Window(list(zip(keys or (), ids or (), strict=True)), end)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a queryset as candidates, in the order of the column `key`.

    `id` is the column with the ids of what is loaded.
    """

    rows: QuerySet[Any, Any]
    key: str = "pk"
    id: str = "pk"

    def read(self, scan: Scan) -> Window:
        """Return the next rows beyond a position."""
        beyond = self.rows.filter(**{f"{self.key}__{'gt' if scan.up else 'lt'}": scan.position})
        ordered = beyond.order_by(self.key if scan.up else f"-{self.key}")
        found = list(ordered.values_list(self.key, self.id)[: scan.size])
        return Window(found, found[-1][0] if len(found) == scan.size else None)


@dataclass(frozen=True, slots=True)
class FilteredList(Generic[T]):
    """A descending list for one viewer: the candidates that `load` returns.

    `load` takes ids of candidates, and returns those that the list shows.
    """

    candidates: Candidates
    load: Callable[[list[int]], Mapping[int, T]]

    def page(self, page: PageRequest) -> Page[T]:
        """Return one page, newest first.

        Only the end of the list has no `next`. `next` leads to an empty page only if the list holds
        so many hidden entries there that it took more than one request to read past them.
        """
        if page.cursor.after is not None:
            return self._page_above(page.cursor.after, page.limit)
        return self._page_below(page.cursor.before, page.limit)

    def _page_below(self, before: int | None, limit: int) -> Page[T]:
        position = TOP if before is None else before
        found = self._collect(position, limit + 1)
        entries = found.entries[:limit]
        highest = entries[0][0] if entries else max(position - 1, 0)
        return Page(
            [entry for _, entry in entries],
            next=_cursor("before", found.rest(limit)),
            previous=None if before is None else Cursor(after=highest),
            positions=[position for position, _ in entries],
        )

    def _page_above(self, position: int, limit: int) -> Page[T]:
        found = self._collect(position, limit + 1, up=True)
        entries = found.entries[:limit][::-1]
        # The entries that were below when the cursor was made may be deleted or hidden by now.
        below = entries[-1][0] if entries else min(position + 1, TOP)
        return Page(
            [entry for _, entry in entries],
            next=Cursor(before=below) if self._is_any_below(below) else None,
            previous=_cursor("after", found.rest(limit)),
            positions=[position for position, _ in entries],
        )

    def _is_any_below(self, position: int) -> bool:
        found = self._collect(position, 1)
        return bool(found.entries) or found.end is not None

    def _collect(self, position: int, wanted: int, *, up: bool = False) -> "_Found[T]":
        """Return the next entries beyond a position: as many as wanted, unless it takes too long.

        There may be a few more.
        """
        found: _Found[T] = _Found(end=position)
        for number, size in enumerate(_sizes(wanted)):
            position = TOP if found.end is None else found.end
            scan = Scan(position, size, wanted, up=up, thorough=number == 1)
            window = self.candidates.read(scan)
            for batch in batched(window.candidates, wanted):
                shown = self.load([id_ for _, id_ in batch])
                found.entries += [(key, shown[id_]) for key, id_ in batch if id_ in shown]
                if len(found.entries) >= wanted:
                    return found
            found.end = window.end
            if found.end is None:
                break
        return found


@dataclass(slots=True)
class _Found(Generic[T]):
    """Entries with their positions, and the position up to which the list has been read.

    `end` is None at the end of the list. It means nothing if there are as many entries as wanted.
    """

    end: int | None
    entries: list[tuple[int, T]] = field(default_factory=list)

    def rest(self, limit: int) -> int | None:
        """Return the position beyond which a page of `limit` entries continues, if it does."""
        return self.entries[limit - 1][0] if len(self.entries) > limit else self.end


def _cursor(side: str, position: int | None) -> Cursor | None:
    return None if position is None else Cursor(**{side: position})


def _sizes(wanted: int) -> Iterator[int]:
    """Yield the sizes of the windows for one page."""
    size = wanted * ROOM
    for _ in range(WINDOWS):
        yield min(size, MAX_WINDOW)
        size *= GROWTH
