"""Values that each process keeps in memory for a few seconds."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

KEPT = 10.0
T = TypeVar("T")


class Remembered(Generic[T]):
    """The result of `load`, for KEPT seconds. Another process sees a change by then."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._found: tuple[float, T] | None = None

    def __call__(self) -> T:
        """Return what was loaded last, or load it."""
        found = self._found
        if found is None or found[0] < time.monotonic() - KEPT:
            found = self._found = (time.monotonic(), self._load())
        return found[1]

    def forget(self) -> None:
        """Load it at the next call."""
        self._found = None

    def set(self, value: T) -> None:
        """Take this as loaded just now."""
        self._found = (time.monotonic(), value)
