"""The tweets that a query finds, as candidates of a list (tweets/read/paging.py).

The nearest documents are compared one by one. That is enough for a common word, and shows how much
time passes per document. A rarer word is looked up in the index: in a period in which there are
some thousands of documents, then in ever longer ones. So neither a common word makes the index
return half of all tweets, nor a rare one makes the query compare them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from chirp import ids
from chirp.db.prepared import Prepared
from search import lexemes, sql
from search.query import Term
from search.words import contains, flat, quoted, tokens
from tweets.models import Tweet
from tweets.read.paging import Candidate, Scan, Window

COMPARED = 500  # documents that are compared without the index
LONGER = 16  # how much longer a period can be than the one before
ENOUGH = 1_000  # matches of a period after which the next one is not longer
CHUNK = 400  # tweets whose text is compared at a time
# What one page looks at, at most: the list ends where so many tweets have been left out because of
# phrases or audiences. Otherwise a phrase of common words could keep a process busy for minutes.
MOST_CANDIDATES = 3_000
NEVER = "by:0"
BOTTOM, TOP = -1, ids.MAX_ID + 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """The ids between which a search looks, both excluded."""

    low: int = BOTTOM
    high: int = TOP

    @classmethod
    def of(cls, since: date | None, until: date | None) -> "Bounds":
        """The bounds of the days from `since` on and before `until`, in UTC."""
        low = BOTTOM if since is None else _first_id(since) - 1
        return cls(low, TOP if until is None else _first_id(until))

    def beyond(self, position: int, *, down: bool) -> "Bounds":
        """The bounds of what is left below, or above, a position."""
        return self._clip(high=position) if down else self._clip(low=position)

    def _clip(self, low: int = BOTTOM, high: int = TOP) -> "Bounds":
        return Bounds(max(self.low, low), min(self.high, high))

    def nearest(self, span: int, *, down: bool) -> "Bounds":
        """The part of `span` ids that is read first."""
        return self._clip(low=self.high - span) if down else self._clip(high=self.low + span)


def _first_id(day: date) -> int:
    """The least id that can be drawn on a day."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return min(ids.at(begin.timestamp()), TOP)


class _Nearest(NamedTuple):
    """Documents that were compared: how many, between which ids, and those that match."""

    compared: int
    low: int
    high: int
    matching: list[int]


@dataclass(slots=True)
class Found:
    """The candidates of one request. `query` is a tsquery; `phrases` narrow down what it finds."""

    query: str
    bounds: Bounds
    viewer_id: int | None
    phrases: list[Term]
    left: int = field(default=MOST_CANDIDATES, init=False)

    def read(self, scan: Scan) -> Window:
        """Return the next candidates beyond an id."""
        found = self._read(scan.position, scan.size, down=not scan.up)
        return Window(found, found[-1][0] if len(found) >= scan.size else None)

    def _read(self, position: int, limit: int, *, down: bool) -> list[Candidate]:
        bounds = self.bounds.beyond(position, down=down)
        size = max(limit, CHUNK) if self.phrases else limit
        found: list[int] = []
        for batch in self._batches(bounds, size, down=down):
            self.left -= len(batch)
            found += self._with_phrases(batch)
            if len(found) >= limit or self.left <= 0:
                break
        return [(id_, id_) for id_ in found[:limit]]

    def _with_phrases(self, tweet_ids: list[int]) -> list[int]:
        """Those of these tweets that have the phrases that the query asks for."""
        if not self.phrases or not tweet_ids:
            return tweet_ids
        rows = Tweet.objects.filter(pk__in=tweet_ids).values_list("pk", "text")
        kept = {id_ for id_, text in rows if self._has_phrases(text)}
        return [id_ for id_ in tweet_ids if id_ in kept]

    def _has_phrases(self, text: str) -> bool:
        whole = flat(tokens(text))
        return all(contains(whole, term.tokens) != term.negated for term in self.phrases)

    def _batches(self, bounds: Bounds, size: int, *, down: bool) -> Iterator[list[int]]:
        """Yield all matching ids within the bounds, in batches, from one end on."""
        while True:
            near = self._nearest(bounds, size, down=down)
            yield near.matching
            if len(near.matching) < size:
                break
            bounds = bounds.beyond(near.matching[-1], down=down)
        if near.compared == COMPARED:
            rest = bounds.beyond(near.low if down else near.high, down=down)
            span = near.high - near.low + 1
            matches = len(near.matching)
            yield from self._indexed(rest, size, span, matches, down=down)

    def _nearest(self, bounds: Bounds, size: int, *, down: bool) -> _Nearest:
        query = sql.NEAREST_BELOW if down else sql.NEAREST_ABOVE
        rows = self._rows(query, self.query, bounds, limit=size, compared=COMPARED)
        compared, low, high, _ = rows[0]
        return _Nearest(compared, low, high, [row[-1] for row in rows if row[-1] is not None])

    def _indexed(
        self, bounds: Bounds, size: int, span: int, matches: int, *, down: bool
    ) -> Iterator[list[int]]:
        """Yield the matching ids of ever longer periods, after one of `span` ids with `matches`."""
        query = sql.INDEXED_BELOW if down else sql.INDEXED_ABOVE
        while bounds.high - bounds.low > 1:
            span *= max(1, min(LONGER, ENOUGH // max(matches, 1)))
            matches = 0
            period = bounds.nearest(span, down=down)
            within = lexemes.periods_between(max(period.low, 0), period.high)
            condition = f"({self.query}) & ({within})" if within else self.query
            period = period if within else bounds
            while True:
                batch = [id_ for (id_,) in self._rows(query, condition, period, limit=size)]
                matches += len(batch)
                yield batch
                if len(batch) < size:
                    break
                period = period.beyond(batch[-1], down=down)
            bounds = bounds.beyond(period.low + 1 if down else period.high - 1, down=down)

    def _rows(
        self, query: Prepared, condition: str, bounds: Bounds, **more: Any
    ) -> list[tuple[int, ...]]:
        me = self.viewer_id
        addressed = (lexemes.mentioned(me), lexemes.answered(me)) if me else (NEVER,)
        return query.rows(
            query=condition,
            low=bounds.low,
            high=bounds.high,
            viewer=me,
            addressed=" | ".join(map(quoted, addressed)),
            **more,
        )
