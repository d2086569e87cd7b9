"""A network in memory: real nodes and links, with fake transports and a clock driven by tests."""

from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IProtocol, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from herd.links import Links
from herd.locations import Locations
from herd.messages import SECOND, Report, parse_time
from herd.node import Node
from herd.settings import ADDRESSES, Address, Limits, Server, Settings

EPOCH = 1_700_000_000
KEY = b"k" * 32
LIMITS = Limits(first_wait=0.5, longest_wait=4, ping=5, handshake=2)
LONG = 60  # seconds after which all links that can recover have recovered


def herd(*links: tuple[str, str], limits: Limits = LIMITS) -> Settings:
    """Return the settings of a herd with these links."""
    names = sorted({name for link in links for name in link})
    addresses = {
        name: Server(name, *(Address(name, port) for port, _ in enumerate(ADDRESSES, 1)))
        for name in names
    }
    return Settings("http://chirp", addresses, list(links), limits)


def report(client: str = "kiwi", time: str = "1", server: str = "Hill") -> Report:
    """Return a report that its server received at EPOCH."""
    when = parse_time(time)
    return Report(client, "+34-118", time, server, EPOCH * SECOND - when, when)


class FakeTransport(StringTransport):
    """One end of a connection. Written data waits until the test delivers it."""

    protocol: IProtocol
    other: "FakeTransport"
    producer: Any
    full_at = 300  # bytes: about two reports

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.down = False
        self.full = False

    def write(self, data: bytes) -> None:
        """Store the data until it is delivered, and pause the producer if there is too much."""
        super().write(data)
        if len(self.value()) > self.full_at and self.producer is not None and not self.full:
            self.full = True
            self.producer.pauseProducing()

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Do nothing: this transport has no delay."""

    def loseConnection(self) -> None:
        """Close the connection, like `abortConnection`."""
        self.abortConnection()

    def abortConnection(self) -> None:
        """Close both ends in the next turn of the clock. Data that was not delivered is lost."""
        for end in (self, self.other):
            if not end.down:
                end.down = True
                end.clear()
                self._clock.callLater(0, end.lost)

    def lost(self) -> None:
        self.protocol.connectionLost(Failure(error.ConnectionAborted()))

    def deliver(self, limit: int | None = None) -> bool:
        """Deliver all written data, or at most `limit` bytes. Return whether there was any."""
        data = self.value()[:limit]
        rest = self.value()[len(data) :]
        self.clear()
        self.io.write(rest)
        if data and not self.other.down:
            self.other.protocol.dataReceived(data)
        if self.full and not self.down and not self.value():
            self.full = False
            self.producer.resumeProducing()
        return bool(data)


class Network:
    """Nodes and links in memory. `cut` links refuse connections; `silent` links lose all data."""

    def __init__(self, settings: Settings, *, keys: dict[str, bytes] | None = None) -> None:
        self.settings = settings
        self.clock = Clock()
        self.nodes: dict[str, Node] = {}
        self.links: dict[str, Links] = {}
        self.cut: set[frozenset[str]] = set()
        self.silent: set[frozenset[str]] = set()
        self.stopped = set(settings.servers)
        self._transports: list[tuple[frozenset[str], FakeTransport]] = []
        self._keys = keys or {}
        self.dialled: list[tuple[float, str, str]] = []
        for name in settings.servers:
            self.start(name)

    def now(self) -> int:
        """The time of all nodes, in nanoseconds."""
        return EPOCH * SECOND + int(self.clock.seconds() * SECOND)

    # --- Starts and failures --------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a node without any reports."""
        limits = self.settings.limits
        locations = Locations(
            max_reports=limits.reports, lifetime=int(limits.report_lifetime * SECOND)
        )
        node = Node(name, locations=locations, now=self.now)
        self.nodes[name] = node
        self.stopped.discard(name)
        self.links[name] = Links(
            node,
            settings=self.settings,
            key=self._keys.get(name, KEY),
            clock=self.clock,
            dial=lambda address: FakeEndpoint(self, name, address.host),
        )
        self.links[name].start()

    def kill(self, name: str) -> None:
        """Stop a node. Its reports are lost."""
        self.stopped.add(name)
        self.links[name].stop()
        for pair, transport in self._transports:
            if name in pair:
                transport.abortConnection()

    def break_link(self, one: str, other: str) -> None:
        """Close a link, and refuse new connections on it until `mend`."""
        self.cut.add(frozenset((one, other)))
        for pair, transport in self._transports:
            if pair == {one, other}:
                transport.abortConnection()

    def mend(self) -> None:
        """Repair all links."""
        self.cut.clear()
        self.silent.clear()

    # --- Connections and data -------------------------------------------------------------------

    def connect(self, one: str, other: str, factory: Any) -> "Deferred[IProtocol]":
        """Connect one node to another, unless the other is stopped or the link is cut."""
        pair = frozenset((one, other))
        self.dialled.append((self.clock.seconds(), one, other))
        if other in self.stopped or pair in self.cut:
            return fail(error.ConnectionRefusedError())
        answering = self.links[other].accepting.buildProtocol(None)
        if answering is None:
            return fail(error.ConnectionRefusedError())
        dialling = factory.buildProtocol(None)
        self.connect_protocols(pair, dialling, answering)
        return succeed(dialling)

    def connect_protocols(self, pair: frozenset[str], one: Any, other: Any) -> FakeTransport:
        """Connect two protocols, and return the transport of the first."""
        ends = FakeTransport(self.clock), FakeTransport(self.clock)
        for end, far, protocol in zip(ends, reversed(ends), (one, other), strict=True):
            end.other, end.protocol = far, protocol
            self._transports.append((pair, end))
        other.makeConnection(ends[1])
        one.makeConnection(ends[0])
        return ends[0]

    def undelivered(self) -> list[FakeTransport]:
        """Return the transports with data that was not delivered. Silent links lose theirs."""
        self._transports = [(pair, end) for pair, end in self._transports if not end.down]
        for pair, transport in self._transports:
            if pair in self.silent:
                transport.clear()  # a full transport stays full
        return [transport for _, transport in self._transports if transport.value()]

    def deliver(self) -> None:
        """Deliver all data, and the data that is written in response, until there is none left."""
        while transports := self.undelivered():
            for transport in transports:
                transport.deliver()

    def settle(self, seconds: float = LONG) -> None:
        """Advance the clock by so many seconds, delivering all data on the way."""
        self.deliver()
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.deliver()

    def known(self, name: str) -> dict[str, Report | None]:
        """Return the reports of a node, by client."""
        node = self.nodes[name]
        return {client: node.find(client) for client in node.locations.clients()}


@implementer(IStreamClientEndpoint)
class FakeEndpoint:
    """The endpoint with which one node connects to another."""

    def __init__(self, network: Network, one: str, other: str) -> None:
        self._network, self._one, self._other = network, one, other

    def connect(self, factory: Any) -> "Deferred[IProtocol]":
        """Connect."""
        return self._network.connect(self._one, self._other, factory)
