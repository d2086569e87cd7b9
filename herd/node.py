"""The reports that one server has, and those that its neighbours still need. Pure: no sockets.

Flooding needs no queue of messages. A link stores only the *clients* whose report its neighbour
still needs, and sends the newest report when the connection is ready. So a neighbour that
reconnects gets everything, the memory for a slow one is bounded by the number of clients, and a
report that changes twice in the meantime is sent once.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from herd.locations import Locations
from herd.messages import Report


class Connection(Protocol):
    """The interface that a link needs from the connection to its neighbour."""

    @property
    def ready(self) -> bool:
        """Whether a report can be sent now. When this becomes true, it calls `Link.send`."""

    def send_report(self, report: Report) -> None:
        """Send a report."""

    def drop(self, why: str) -> None:
        """Abort the connection."""


@dataclass(slots=True)
class Counts:
    """Counts of events since the server started."""

    reports: int = 0  # received from clients, and newer than the stored one
    reports_old: int = 0  # received from clients, and not newer
    questions: int = 0  # WHATSAT commands
    chirp_away: int = 0  # WHATSAT commands without a usable response of Chirp
    malformed: int = 0  # malformed lines of clients
    dropped_slow: int = 0  # clients that did not read their responses
    dropped_idle: int = 0  # clients that sent no command for too long
    refused_full: int = 0  # clients beyond the limit of connections
    strangers: int = 0  # connections between servers that failed to authenticate, or sent bad lines
    floods_sent: int = 0  # reports sent to neighbours
    floods_received: int = 0  # reports received from neighbours
    floods_stopped: int = 0  # reports received from neighbours that were not newer


class Node:
    """The reports and links of one server. `now` returns a POSIX time in nanoseconds."""

    def __init__(self, name: str, *, locations: Locations, now: Callable[[], int]) -> None:
        self.name = name
        self.locations = locations
        self.now = now
        self.links: dict[str, Link] = {}
        self.counts = Counts()

    def link(self, neighbour: str) -> "Link":
        """Return this end of the link to a neighbour, and create it if needed."""
        return self.links.setdefault(neighbour, Link(self, neighbour))

    def find(self, client: str) -> Report | None:
        """Return the newest report of a client, or None."""
        return self.locations.get(client, now=self.now())

    def learn(self, report: Report, *, source: str | None = None) -> bool:
        """Store a report if it is newer, and send it to all neighbours except `source`.

        Return whether it was stored.
        """
        if not self.locations.add(report, now=self.now()):
            return False
        for link in self.links.values():
            if link.name != source:
                link.send_later(report.client)
        return True


class Link:
    """This end of the link to one neighbour."""

    def __init__(self, node: Node, name: str) -> None:
        self.name = name
        self.connection: Connection | None = None
        self.opened = 0  # how many times the link was opened
        self._node = node
        self._pending: OrderedDict[str, None] = OrderedDict()

    @property
    def pending(self) -> int:
        """The number of clients whose report the neighbour still needs."""
        return len(self._pending)

    def open(self, connection: Connection) -> None:
        """Use this connection, and begin to send all reports. Drops an older connection."""
        if self.connection is not None:
            self.connection.drop("replaced by a newer connection")
        self.connection = connection
        self.opened += 1
        self._pending = OrderedDict.fromkeys(self._node.locations.clients())
        self.send()

    def close(self, connection: Connection) -> None:
        """Stop using this connection. Nothing is pending for a neighbour without a connection."""
        if self.connection is connection:
            self.connection = None
            self._pending.clear()

    def send_later(self, client: str) -> None:
        """Send the newest report of a client as soon as the connection is ready."""
        if self.connection is not None:
            self._pending[client] = None
            self.send()

    def receive(self, report: Report) -> None:
        """Handle a report from the neighbour."""
        counts = self._node.counts
        counts.floods_received += 1
        counts.floods_stopped += not self._node.learn(report, source=self.name)
        known = self._node.find(report.client)
        if known is None or known.rank <= report.rank:
            self._pending.pop(report.client, None)  # the neighbour has it already

    def send(self) -> None:
        """Send pending reports while the connection is ready."""
        while self._pending and self.connection is not None and self.connection.ready:
            client, _ = self._pending.popitem(last=False)
            report = self._node.find(client)
            if report is not None:
                self._node.counts.floods_sent += 1
                self.connection.send_report(report)
