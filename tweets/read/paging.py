"""Pages of lists from which some tweets are filtered for the viewer.

A query finds candidates, and each candidate is then shown or left out. A page is filled from as
many candidates as it takes, so a short page always means the end of the list.
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
LOOKAHEAD = 5  # the first batch of candidates when one visible entry is enough
Entry = tuple[int, Facts]  # (position in the list, tweet)
Candidate = tuple[int, int]  # (position in the list, id of the tweet)


class Candidates(Protocol):
    """A source of candidates for a list. Positions are unique integers."""

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """Return the next candidates below a position, descending; None starts at the top."""

    def above(self, position: int, limit: int) -> list[Candidate]:
        """Return the next candidates above a position, ascending."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a queryset as candidates.

    `key` is the column that orders them, and `tweet` the column with the ids of the tweets.
    """

    rows: QuerySet[Any, Any]
    key: str = "pk"
    tweet: str = "pk"

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """Return the next candidates below a position, descending; None starts at the top."""
        rest = self.rows if position is None else self.rows.filter(**{f"{self.key}__lt": position})
        return self._read(rest.order_by(f"-{self.key}"), limit)

    def above(self, position: int, limit: int) -> list[Candidate]:
        """Return the next candidates above a position, ascending."""
        rest = self.rows.filter(**{f"{self.key}__gt": position})
        return self._read(rest.order_by(self.key), limit)

    def _read(self, rest: QuerySet[Any, Any], limit: int) -> list[Candidate]:
        return list(rest.values_list(self.key, self.tweet)[:limit])


@dataclass(frozen=True, slots=True)
class TweetList:
    """A descending list of tweets for one viewer: the candidates that `is_shown` accepts."""

    candidates: Candidates
    is_shown: Callable[[Facts], bool]
    viewer_id: int | None

    def page(self, page: PageRequest) -> Page[Facts]:
        """Return one page, newest first.

        It is short only at the end of the list, and `next` never leads to an empty page.
        """
        if page.cursor.after is not None:
            return self._page_above(page.cursor.after, page.limit)
        return self._page_below(page.cursor.before, page.limit)

    def _page_below(self, position: int | None, limit: int) -> Page[Facts]:
        found = list(islice(self._below(position, limit + 1), limit + 1))
        entries = found[:limit]
        above = (
            None
            if position is None
            else Cursor(after=entries[0][0] if entries else max(position - 1, 0))
        )
        return Page(
            [tweet for _, tweet in entries],
            next=Cursor(before=entries[-1][0]) if len(found) > limit else None,
            previous=above,
        )

    def _page_above(self, position: int, limit: int) -> Page[Facts]:
        found = list(islice(self._above(position, limit + 1), limit + 1))
        entries = found[:limit][::-1]
        # The entries that were below when the cursor was made may be deleted or hidden by now.
        below = entries[-1][0] if entries else position + 1
        return Page(
            [tweet for _, tweet in entries],
            next=Cursor(before=below) if self._is_any_below(below) else None,
            previous=Cursor(after=entries[0][0]) if len(found) > limit else None,
        )

    def _is_any_below(self, position: int) -> bool:
        return next(self._below(position, LOOKAHEAD), None) is not None

    def _below(self, position: int | None, batch: int) -> Iterator[Entry]:
        """Yield the entries below a position, descending; None starts at the top."""
        return self._entries(self.candidates.below, position, batch)

    def _above(self, position: int, batch: int) -> Iterator[Entry]:
        """Yield the entries above a position, ascending."""
        return self._entries(self.candidates.above, position, batch)

    def _entries(
        self, read: Callable[[Any, int], list[Candidate]], position: int | None, batch: int
    ) -> Iterator[Entry]:
        """Yield the entries beyond a position, reading candidates in batches of growing size."""
        while True:
            found = read(position, batch)
            yield from self._visible(found)
            if len(found) < batch:
                return
            position, batch = found[-1][0], min(batch * 2, MAX_BATCH)

    def _visible(self, found: list[Candidate]) -> Iterator[Entry]:
        if not found:
            return
        tweets = {f.id: f for f in hydrate((id_ for _, id_ in found), viewer_id=self.viewer_id)}
        for key, id_ in found:
            if id_ in tweets and self.is_shown(tweets[id_]):
                yield key, tweets[id_]
