"""Pages of a timeline: walk through its candidates in batches, apply the rules, and fold.

A page is filled by growing batches. WORK_MOST bounds what one request walks through: a page that it
cuts short has a cursor to go on from.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chirp.pagination import Cursor, Page, PageRequest
from timelines.candidates import TOP
from timelines.readers import Reader
from timelines.rules import FILTERED, Rule
from timelines.store import Span
from tweets.read.facts import Facts
from tweets.read.filtered import sift
from tweets.read.hydrate import NO_OWN, OwnRange, hydrate

BATCH_SPARE = 10  # read more than the page needs, because some entries are filtered or folded
BATCH_MOST = 400
WORK_MOST = 2_000  # the sizes of all batches of a request that walks through forbidden entries
ReadSpan = Callable[[int, int], Span]


class Timeline(ABC):
    """A timeline of one viewer: where its candidates come from, and the rules that decide.

    With `has_own`, the viewer's own tweets belong to it. They are read with each batch, so that
    they never lag, and do not have to be among the candidates.
    """

    has_own: ClassVar[bool] = False

    def __init__(self, reader: Reader) -> None:
        self.viewer, self.filters = reader.context, reader.filters

    @abstractmethod
    def reads_below(self) -> ReadSpan:
        """Return a function that reads the newest candidates below an id, at most so many.

        A request calls it from the top down.
        """

    @abstractmethod
    def above(self, position: int, limit: int) -> tuple[list[int], int]:
        """Return the oldest candidates above an id, and the id below which they are complete."""

    @abstractmethod
    def broken_rule(self, tweet: Facts) -> Rule | None:
        """Return the first rule that keeps a tweet out, or None. Filters are not considered."""

    def why_not(self, tweet: Facts) -> Rule | None:
        """Return the first rule that keeps a tweet out, filters included, or None."""
        broken = self.broken_rule(tweet)
        return broken or (None if sift(self.filters, [tweet]) else FILTERED)

    def apply_rules(self, tweets: list[Facts]) -> list[Facts]:
        """Return those of the tweets that belong to the timeline."""
        allowed = [tweet for tweet in tweets if self.broken_rule(tweet) is None]
        return sift(self.filters, allowed) if self.filters else allowed


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that belong to the timeline, newest first. They are complete above `bottom`."""

    entries: list[Facts]
    bottom: int


def read_page(timeline: Timeline, page: PageRequest) -> Page[Facts]:
    """Return one page of a timeline, newest first. Entries of one original are folded."""
    if page.cursor.after is not None:
        return _page_above(timeline, page.cursor.after, page.limit)
    return _page_below(timeline, page.cursor.before, page.limit)


def original_id(entry: Facts) -> int:
    """Return the id of the tweet that an entry displays: its own, or that of the original."""
    return entry.repost_of_id or entry.id


class Walk:
    """Every entry on one side of a position, in batches of growing size.

    `position` is how far the walk has come. `cut` is whether it stopped there although there may be
    more, because it had walked through as much as one request may.
    """

    def __init__(self, timeline: Timeline, position: int) -> None:
        self.timeline, self.position, self.cut = timeline, position, False

    def down(self, limit: int) -> Iterator[Facts]:
        """Yield the entries below the position, newest first.

        The first batch may be as it is stored, but later ones are of what may be shown, so the
        second is no larger than what is missing, and so are others while most of them is shown.
        """
        read = self.timeline.reads_below()
        missing, is_rich = limit + 1, True  # with the one that tells that there are more
        for number, most in enumerate(batch_sizes(limit)):
            size = min(most, missing + BATCH_SPARE) if is_rich and missing > 0 else most
            span = read(self.position, size)
            batch = _batch(self.timeline, span, self.position, size)
            yield from batch.entries
            self.position = batch.bottom + 1
            if self.position <= 1:
                return
            missing -= len(batch.entries)
            is_rich = number == 0 or 2 * len(batch.entries) > len(span.ids)
        self.cut = True

    def up(self, limit: int) -> Iterator[Facts]:
        """Yield the entries above the position, oldest first. They are read from Postgres."""
        viewer_id = self.timeline.viewer.viewer_id
        for size in batch_sizes(limit):
            ids, top = self.timeline.above(self.position, size)
            yield from reversed(self.timeline.apply_rules(hydrate(ids, viewer_id=viewer_id)))
            self.position = top - 1
            if top == TOP:
                return
        self.cut = True


def batch_sizes(limit: int) -> Iterator[int]:
    """Yield the sizes of the batches for a page, as many as one request may read."""
    size, work = limit + BATCH_SPARE, 0
    while work < WORK_MOST:
        yield size
        size, work = min(size * 2, BATCH_MOST), work + size


def _batch(timeline: Timeline, span: Span, below: int, size: int) -> Batch:
    own = OwnRange(span.floor, below, size) if timeline.has_own else NO_OWN
    tweets = hydrate(span.ids, viewer_id=timeline.viewer.viewer_id, own=own)
    mine = [tweet.id for tweet in tweets if tweet.mine]
    # With as many own tweets as the limit allows, there may be more, so the batch ends with them.
    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor
    return Batch([entry for entry in timeline.apply_rules(tweets) if entry.id > bottom], bottom)


def _page_below(timeline: Timeline, before: int | None, limit: int) -> Page[Facts]:
    walk = Walk(timeline, TOP if before is None else min(before, TOP))
    by_original: dict[int, list[Facts]] = {}
    more = passed = False
    for entry in walk.down(limit):
        # If it is known, it is folded: a newer entry of this page displays the same tweet.
        known = original_id(entry) in by_original
        passed = len(by_original) == limit
        if more := passed and not known:
            break
        by_original.setdefault(original_id(entry), []).append(entry)
    # The next page begins below the last entry, even if those that follow are folded in this one.
    goes_on = more or walk.cut
    entries = [same[0] for same in by_original.values()]
    below = entries[-1].id if passed else walk.position
    _fold(by_original, bottom=below if goes_on else 0)
    above = None if before is None else Cursor(after=entries[0].id if entries else before - 1)
    return Page(entries, Cursor(before=below) if goes_on else None, above)


def _fold(by_original: Mapping[int, Sequence[Facts]], bottom: int) -> None:
    """Let the newest entry of each original stand for the older ones, down to the bottom.

    Those below it are on the next page.
    """
    for entry, *older in by_original.values():
        if older:
            entry.folded = tuple(each for each in older if each.id >= bottom)


def _page_above(timeline: Timeline, after: int, limit: int) -> Page[Facts]:
    """Return the page just above `after`. It is read from Postgres, because new entries are few."""
    walk = Walk(timeline, after)
    by_original: dict[int, list[Facts]] = {}
    more = False
    for entry in walk.up(limit):
        if original_id(entry) not in by_original and len(by_original) == limit:
            more = True
            break
        older = by_original.pop(original_id(entry), [])  # the newer entry replaces the older one
        by_original[original_id(entry)] = [entry, *older]
    _fold(by_original, bottom=0)
    entries = [same[0] for same in by_original.values()][::-1]
    above = entries[0].id if more else walk.position
    below = entries[-1].id if entries else after + 1
    return Page(
        entries,
        Cursor(before=below) if _is_more_below(timeline, below) else None,
        Cursor(after=above) if more or walk.cut else None,
    )


def _is_more_below(timeline: Timeline, below: int) -> bool:
    """Return whether there is an entry below an id, or may be one below what was examined."""
    walk = Walk(timeline, min(below, TOP))
    return next(walk.down(1), None) is not None or walk.cut
