"""Where clients are: the newest report of each, for as long as it counts. Pure: no sockets."""

import heapq

from herd.messages import Report

_SLACK = 64  # superseded entries that the heap may always hold


class Locations:
    """The newest report of each client.

    A report is forgotten `lifetime` nanoseconds after a server took it from its client, and when
    there are more than `most`, those go that were taken longest ago. Both depend on the report
    alone, so every server forgets the same ones.
    """

    def __init__(self, *, most: int, lifetime: int) -> None:
        self._most = most
        self._lifetime = lifetime
        self._reports: dict[str, Report] = {}
        # (taken, client, rank), the oldest first; entries of superseded reports linger for a while.
        self._oldest: list[tuple[int, str, tuple[int, str, str, int]]] = []
        self.expired = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._reports)

    def clients(self) -> list[str]:
        """Everybody whose report we hold."""
        return list(self._reports)

    def get(self, client: str, *, now: int) -> Report | None:
        """The newest report of a client, or None."""
        report = self._reports.get(client)
        return None if report is None or self._is_over(report.taken, now) else report

    def add(self, report: Report, *, now: int) -> bool:
        """Store a report, unless it is not newer than what we hold. Whether it was stored."""
        known = self._reports.get(report.client)
        if (known and known.rank >= report.rank) or self._is_over(report.taken, now):
            return False
        self._reports[report.client] = report
        heapq.heappush(self._oldest, (report.taken, report.client, report.rank))
        self._evict()
        self._tidy()
        return self._reports.get(report.client) is report

    def expire(self, *, now: int) -> None:
        """Forget what is over."""
        while self._oldest and self._is_over(self._oldest[0][0], now):
            self.expired += self._forget_oldest()

    def _is_over(self, taken: int, now: int) -> bool:
        return taken + self._lifetime <= now

    def _evict(self) -> None:
        while len(self._reports) > self._most:
            self.evicted += self._forget_oldest()

    def _forget_oldest(self) -> bool:
        """Take the oldest entry from the heap, and its report with it if that is still held."""
        _, client, rank = heapq.heappop(self._oldest)
        held = self._reports.get(client)
        if held is None or held.rank != rank:
            return False
        del self._reports[client]
        return True

    def _tidy(self) -> None:
        """Drop entries of superseded reports once they outnumber the others."""
        if len(self._oldest) > 2 * len(self._reports) + _SLACK:
            self._oldest = [(r.taken, r.client, r.rank) for r in self._reports.values()]
            heapq.heapify(self._oldest)
