"""Counts within this process, for limits while Redis is away."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock


class LocalCounts:
    """Requests by key in windows that begin with the first request, as in Redis.

    Each process counts for itself, so that a limit is as many times as high as there are processes.
    At most `most` keys are kept: the ones that were begun first are forgotten first.
    """

    def __init__(self, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def count(self, key: str, window: int, by: int = 1) -> tuple[int, int]:
        """Add `by` requests. Returns those in this window, and milliseconds until it ends."""
        now = self._clock()
        with self._lock:
            used, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                self._windows.pop(key, None)
                used, end = 0, now + window
            self._windows[key] = used + by, end
            if len(self._windows) > self._most:
                self._windows.popitem(last=False)
        return used + by, int((end - now) * 1000)
