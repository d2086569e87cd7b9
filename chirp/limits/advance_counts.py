"""Requests that are counted in advance, so that most requests need no round trip to count."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

# For each key: the requests in its window so far, and milliseconds until the window ends.
Counted = list[tuple[int, int]]


@dataclass(slots=True)
class _Advance:
    """What was counted in advance, how much of that is left, and when the first window ends."""

    counted: list[int]
    ends: list[float]
    left: int


class AdvanceCounts:
    """Counts several requests at once, and lets the next ones use them up within this process.

    A process that stops, or a client that goes away, leaves what was counted in advance unused, so
    that a limit may be reached early by that much. At most `most` clients are remembered.
    """

    def __init__(
        self,
        count: Callable[[Sequence[str], int, int], Counted],
        *,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`count(keys, window, by)` adds `by` requests to each key."""
        self._count = count
        self._most = most
        self._clock = clock
        self._advances: OrderedDict[tuple[str, ...], _Advance] = OrderedDict()
        self._lock = Lock()

    def take(self, keys: tuple[str, ...], window: int, *, ahead: int) -> Counted:
        """Count one request for each key: `ahead` at once if nothing is left of the last time."""
        if ahead == 1:
            return self._count(keys, window, 1)
        return self._use(keys) or self._fetch(keys, window, ahead)

    def _use(self, keys: tuple[str, ...]) -> Counted:
        with self._lock:
            advance = self._advances.get(keys)
            if advance is None or advance.left == 0 or min(advance.ends) <= self._clock():
                return []
            advance.left -= 1
            return self._state(advance)

    def _fetch(self, keys: tuple[str, ...], window: int, ahead: int) -> Counted:
        counted = self._count(keys, window, ahead)
        now = self._clock()
        ends = [now + left / 1000 for _, left in counted]
        advance = _Advance([used for used, _ in counted], ends, left=ahead - 1)
        with self._lock:
            self._advances[keys] = advance
            self._advances.move_to_end(keys)
            if len(self._advances) > self._most:
                self._advances.popitem(last=False)
            return self._state(advance)

    def _state(self, advance: _Advance) -> Counted:
        now = self._clock()
        return [
            (used - advance.left, int((end - now) * 1000))
            for used, end in zip(advance.counted, advance.ends, strict=True)
        ]
