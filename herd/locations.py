"""The newest report of each client, until it expires. Pure: no sockets."""

import heapq

from herd.messages import Report

_SLACK = 64  # number of superseded entries that the heap may always hold


class Locations:
    """The newest report of each client.

    A report expires `lifetime` nanoseconds after a server received it from the client. If there
    are more than `max_reports`, those that were received first are evicted. Both depend only on
    the report, so every server removes the same ones.
    """

    def __init__(self, *, max_reports: int, lifetime: int) -> None:
        self._max_reports = max_reports
        self._lifetime = lifetime
        self._reports: dict[str, Report] = {}
        # A heap of (taken, client, rank). Entries of superseded reports are removed later.
        self._oldest: list[tuple[int, str, tuple[int, str, str, int]]] = []
        self.expired = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._reports)

    def clients(self) -> list[str]:
        """Return all clients with a report."""
        return list(self._reports)

    def get(self, client: str, *, now: int) -> Report | None:
        """Return the newest report of a client, or None."""
        report = self._reports.get(client)
        return None if report is None or self._is_expired(report.taken, now) else report

    def add(self, report: Report, *, now: int) -> bool:
        """Store a report if it is newer than the stored one. Return whether it was stored."""
        known = self._reports.get(report.client)
        if (known and known.rank >= report.rank) or self._is_expired(report.taken, now):
            return False
        self._reports[report.client] = report
        heapq.heappush(self._oldest, (report.taken, report.client, report.rank))
        self._evict()
        self._compact()
        return self._reports.get(report.client) is report

    def expire(self, *, now: int) -> None:
        """Remove expired reports."""
        while self._oldest and self._is_expired(self._oldest[0][0], now):
            self.expired += self._remove_oldest()

    def _is_expired(self, taken: int, now: int) -> bool:
        return taken + self._lifetime <= now

    def _evict(self) -> None:
        while len(self._reports) > self._max_reports:
            self.evicted += self._remove_oldest()

    def _remove_oldest(self) -> bool:
        """Remove the oldest heap entry, and its report unless that was superseded.

        Return whether a report was removed.
        """
        _, client, rank = heapq.heappop(self._oldest)
        current = self._reports.get(client)
        if current is None or current.rank != rank:
            return False
        del self._reports[client]
        return True

    def _compact(self) -> None:
        """Rebuild the heap once superseded entries outnumber the others."""
        if len(self._oldest) > 2 * len(self._reports) + _SLACK:
            self._oldest = [(r.taken, r.client, r.rank) for r in self._reports.values()]
            heapq.heapify(self._oldest)
