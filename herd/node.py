"""What one server knows, and what it owes its neighbours. Pure: no sockets.

Flooding needs no queue of messages. A link remembers only *whose* report its neighbour has yet to
hear of, and sends the newest one when the neighbour can take it. So a neighbour that was away is
owed everything when it is back, a slow one costs no more memory than there are clients, and what
changed twice meanwhile is sent once.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from herd.locations import Locations
from herd.messages import Report


class Connection(Protocol):
    """What a link needs of the connection to its neighbour."""

    @property
    def ready(self) -> bool:
        """Whether it takes a report now. When that becomes true again it calls `Link.send`."""

    def tell(self, report: Report) -> None:
        """Send a report."""

    def drop(self, why: str) -> None:
        """Break off."""


@dataclass(slots=True)
class Counts:
    """What happened since the start."""

    reports: int = 0  # taken from clients, and newer than what was known
    reports_old: int = 0  # the others
    questions: int = 0  # WHATSAT
    chirp_away: int = 0  # of these, without an answer of Chirp
    malformed: int = 0  # lines of clients
    dropped_slow: int = 0  # clients that did not read
    dropped_idle: int = 0  # clients that said nothing
    refused_full: int = 0  # clients that found no room
    strangers: int = 0  # who came to the port for neighbours and could not prove themselves
    floods_sent: int = 0
    floods_received: int = 0
    floods_stopped: int = 0  # of these, not newer than what was known


class Node:
    """The reports that one server has, and its links. `now` is a POSIX time in nanoseconds."""

    def __init__(self, name: str, *, locations: Locations, now: Callable[[], int]) -> None:
        self.name = name
        self.locations = locations
        self.now = now
        self.links: dict[str, Link] = {}
        self.counts = Counts()

    def link(self, neighbour: str) -> "Link":
        """Our end of the link to a neighbour, made when there is none yet."""
        return self.links.setdefault(neighbour, Link(self, neighbour))

    def find(self, client: str) -> Report | None:
        """The newest report of a client, or None."""
        return self.locations.get(client, now=self.now())

    def learn(self, report: Report, *, source: str | None = None) -> bool:
        """Store a report and owe it to all neighbours but the `source`, unless it is not newer.

        Whether it was stored.
        """
        if not self.locations.add(report, now=self.now()):
            return False
        for link in self.links.values():
            if link.name != source:
                link.owe(report.client)
        return True


class Link:
    """Our end of the link to one neighbour."""

    def __init__(self, node: Node, name: str) -> None:
        self.name = name
        self.connection: Connection | None = None
        self.opened = 0  # times
        self._node = node
        self._owed: OrderedDict[str, None] = OrderedDict()

    @property
    def owed(self) -> int:
        """How many clients' reports the neighbour has yet to hear of."""
        return len(self._owed)

    def open(self, connection: Connection) -> None:
        """The neighbour is there, and is owed everything we know. An older connection ends."""
        if self.connection is not None:
            self.connection.drop("replaced by a newer connection")
        self.connection = connection
        self.opened += 1
        self._owed = OrderedDict.fromkeys(self._node.locations.clients())
        self.send()

    def close(self, connection: Connection) -> None:
        """This connection is gone. Nothing is owed to a neighbour that is away."""
        if self.connection is connection:
            self.connection = None
            self._owed.clear()

    def owe(self, client: str) -> None:
        """There is news of a client."""
        if self.connection is not None:
            self._owed[client] = None
            self.send()

    def hear(self, report: Report) -> None:
        """The neighbour told us of a report."""
        counts = self._node.counts
        counts.floods_received += 1
        counts.floods_stopped += not self._node.learn(report, source=self.name)
        known = self._node.find(report.client)
        if known is None or known.rank <= report.rank:
            self._owed.pop(report.client, None)  # they have it themselves

    def send(self) -> None:
        """Send what is owed, as long as the connection takes it."""
        while self._owed and self.connection is not None and self.connection.ready:
            client, _ = self._owed.popitem(last=False)
            report = self._node.find(client)
            if report is not None:
                self._node.counts.floods_sent += 1
                self.connection.tell(report)
