"""Values that each process keeps in memory for a few seconds."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

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

    def latest(self, default: Callable[[], T]) -> T:
        """Return what was loaded last, however old it is, or a `default`. Makes no query."""
        return self._found[1] if self._found else default()

    def call_or_latest(self, default: Callable[[], T]) -> T:
        """Like a call; while the database is away, it returns the latest for KEPT seconds."""
        try:
            return self()
        except (OperationalError, InterfaceError):
            self.set(self.latest(default))
            return self.latest(default)

    def forget(self) -> None:
        """Load it at the next call."""
        self._found = None

    def set(self, value: T) -> None:
        """Take this as loaded just now."""
        self._found = (time.monotonic(), value)
