"""Pages of tweets of which the viewer may not see, or does not want, some.

A query finds candidates, and what is shown of them is decided one by one. So a page is filled from
as many candidates as it takes: a short page always means the end of the list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from django.db.models import QuerySet

from chirp.pagination import Cursor, Page, PageRequest
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate

MAX_BATCH = 400
PEEK = 5  # candidates to look at first where one that is shown is enough
Entry = tuple[int, Facts]  # a place in the list, and the tweet there
Candidate = tuple[int, int]  # a place in the list, and the id of the tweet there


class Candidates(Protocol):
    """Where the candidates of a list come from. A place is a unique whole number."""

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """The next ones below a position, downwards; from the top for None."""

    def above(self, position: int, limit: int) -> list[Candidate]:
        """The next ones above a position, upwards."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates from a query: `key` orders them, `tweet` is the column with the tweet's id."""

    rows: QuerySet[Any, Any]
    key: str = "pk"
    tweet: str = "pk"

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """The next ones below a position, downwards; from the top for None."""
        rest = self.rows if position is None else self.rows.filter(**{f"{self.key}__lt": position})
        return self._read(rest.order_by(f"-{self.key}"), limit)

    def above(self, position: int, limit: int) -> list[Candidate]:
        """The next ones above a position, upwards."""
        rest = self.rows.filter(**{f"{self.key}__gt": position})
        return self._read(rest.order_by(self.key), limit)

    def _read(self, rest: QuerySet[Any, Any], limit: int) -> list[Candidate]:
        return list(rest.values_list(self.key, self.tweet)[:limit])


@dataclass(frozen=True, slots=True)
class TweetList:
    """A descending list of tweets as one viewer sees it: the `candidates` that `shows` lets in."""

    candidates: Candidates
    shows: Callable[[Facts], bool]
    viewer_id: int | None

    def page(self, page: PageRequest) -> Page[Facts]:
        """One page, newest first; short only where the list ends. `next` leads to an entry."""
        if page.cursor.after is not None:
            return self._page_above(page.cursor.after, page.limit)
        return self._page_below(page.cursor.before, page.limit)

    def _page_below(self, position: int | None, limit: int) -> Page[Facts]:
        found = list(islice(self._below(position, limit + 1), limit + 1))
        shown = found[:limit]
        above = (
            None
            if position is None
            else Cursor(after=shown[0][0] if shown else max(position - 1, 0))
        )
        return Page(
            [tweet for _, tweet in shown],
            next=Cursor(before=shown[-1][0]) if len(found) > limit else None,
            previous=above,
        )

    def _page_above(self, position: int, limit: int) -> Page[Facts]:
        found = list(islice(self._above(position, limit + 1), limit + 1))
        shown = found[:limit][::-1]
        # What was below when the cursor was made may be gone by now.
        below = shown[-1][0] if shown else position + 1
        return Page(
            [tweet for _, tweet in shown],
            next=Cursor(before=below) if self._is_any_below(below) else None,
            previous=Cursor(after=shown[0][0]) if len(found) > limit else None,
        )

    def _is_any_below(self, position: int) -> bool:
        return next(self._below(position, PEEK), None) is not None

    def _below(self, position: int | None, batch: int) -> Iterator[Entry]:
        """The entries below a position, downwards; from the top for None."""
        return self._entries(self.candidates.below, position, batch)

    def _above(self, position: int, batch: int) -> Iterator[Entry]:
        """The entries above a position, upwards."""
        return self._entries(self.candidates.above, position, batch)

    def _entries(
        self, read: Callable[[Any, int], list[Candidate]], position: int | None, batch: int
    ) -> Iterator[Entry]:
        """The entries beyond a position, in batches that grow while few entries are shown."""
        while True:
            found = read(position, batch)
            yield from self._shown(found)
            if len(found) < batch:
                return
            position, batch = found[-1][0], min(batch * 2, MAX_BATCH)

    def _shown(self, found: list[Candidate]) -> Iterator[Entry]:
        if not found:
            return
        tweets = {f.id: f for f in hydrate((id_ for _, id_ in found), viewer_id=self.viewer_id)}
        for key, id_ in found:
            if id_ in tweets and self.shows(tweets[id_]):
                yield key, tweets[id_]
