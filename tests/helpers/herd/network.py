"""A network in memory: real nodes and real links, on wires and a clock that tests turn by hand."""

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
LONG = 60  # seconds in which everything that can heal has healed


def herd(*links: tuple[str, str], limits: Limits = LIMITS) -> Settings:
    """The settings of a herd with these links."""
    names = sorted({name for link in links for name in link})
    addresses = {
        name: Server(name, *(Address(name, port) for port, _ in enumerate(ADDRESSES, 1)))
        for name in names
    }
    return Settings("http://chirp", addresses, list(links), limits)


def report(client: str = "kiwi", time: str = "1", server: str = "Hill") -> Report:
    """A report whose server took it at the EPOCH."""
    when = parse_time(time)
    return Report(client, "+34-118", time, server, EPOCH * SECOND - when, when)


class Wire(StringTransport):
    """One end of a connection. What is written waits until it is delivered."""

    protocol: IProtocol
    other: "Wire"
    producer: Any
    full_at = 300  # bytes: about two reports

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.down = False
        self.full = False

    def write(self, data: bytes) -> None:
        """Keep it until it is delivered, and say when that is too much."""
        super().write(data)
        if len(self.value()) > self.full_at and self.producer is not None and not self.full:
            self.full = True
            self.producer.pauseProducing()

    def setTcpNoDelay(self, enabled: bool) -> None:
        """There is no delay to begin with."""

    def loseConnection(self) -> None:
        """Both ends hear of it, in the next turn."""
        self.abortConnection()

    def abortConnection(self) -> None:
        """Both ends hear of it, in the next turn; what was not delivered is lost."""
        for end in (self, self.other):
            if not end.down:
                end.down = True
                end.clear()
                self._clock.callLater(0, end.lost)

    def lost(self) -> None:
        self.protocol.connectionLost(Failure(error.ConnectionAborted()))

    def deliver(self, most: int | None = None) -> bool:
        """Hand what was written, or so many bytes of it, to the other end. Was there any?"""
        data = self.value()[:most]
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
    """Nodes on wires. `cut` links refuse connections; `silent` ones swallow what is sent."""

    def __init__(self, settings: Settings, *, keys: dict[str, bytes] | None = None) -> None:
        self.settings = settings
        self.clock = Clock()
        self.nodes: dict[str, Node] = {}
        self.links: dict[str, Links] = {}
        self.cut: set[frozenset[str]] = set()
        self.silent: set[frozenset[str]] = set()
        self.off = set(settings.servers)
        self._wires: list[tuple[frozenset[str], Wire]] = []
        self._keys = keys or {}
        self.dialled: list[tuple[float, str, str]] = []
        for name in settings.servers:
            self.start(name)

    def now(self) -> int:
        return EPOCH * SECOND + int(self.clock.seconds() * SECOND)

    # --- What happens to it ---------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a node that knows nothing."""
        limits = self.settings.limits
        locations = Locations(most=limits.reports, lifetime=int(limits.report_lifetime * SECOND))
        node = Node(name, locations=locations, now=self.now)
        self.nodes[name] = node
        self.off.discard(name)
        self.links[name] = Links(
            node,
            settings=self.settings,
            key=self._keys.get(name, KEY),
            clock=self.clock,
            dial=lambda address: Way(self, name, address.host),
        )
        self.links[name].start()

    def kill(self, name: str) -> None:
        """A node is gone, and all that it knew."""
        self.off.add(name)
        self.links[name].stop()
        for pair, wire in self._wires:
            if name in pair:
                wire.abortConnection()

    def break_link(self, one: str, other: str) -> None:
        """The link breaks, and cannot be made again until it is mended."""
        self.cut.add(frozenset((one, other)))
        for pair, wire in self._wires:
            if pair == {one, other}:
                wire.abortConnection()

    def mend(self) -> None:
        """All links are as they should be."""
        self.cut.clear()
        self.silent.clear()

    # --- What goes over it ----------------------------------------------------------------------

    def connect(self, one: str, other: str, factory: Any) -> "Deferred[IProtocol]":
        pair = frozenset((one, other))
        self.dialled.append((self.clock.seconds(), one, other))
        if other in self.off or pair in self.cut:
            return fail(error.ConnectionRefusedError())
        answering = self.links[other].accepting.buildProtocol(None)
        if answering is None:
            return fail(error.ConnectionRefusedError())
        dialling = factory.buildProtocol(None)
        self.wire(pair, dialling, answering)
        return succeed(dialling)

    def wire(self, pair: frozenset[str], one: Any, other: Any) -> Wire:
        """Connect two protocols, and return the first one's end."""
        ends = Wire(self.clock), Wire(self.clock)
        for end, far, protocol in zip(ends, reversed(ends), (one, other), strict=True):
            end.other, end.protocol = far, protocol
            self._wires.append((pair, end))
        other.makeConnection(ends[1])
        one.makeConnection(ends[0])
        return ends[0]

    def waiting(self) -> list[Wire]:
        """The ends whose writing has not been delivered."""
        self._wires = [(pair, wire) for pair, wire in self._wires if not wire.down]
        for pair, wire in self._wires:
            if pair in self.silent:
                wire.clear()  # and it stays full, if it was
        return [wire for _, wire in self._wires if wire.value()]

    def deliver(self) -> None:
        """Deliver everything, and what comes of it."""
        while waiting := self.waiting():
            for wire in waiting:
                wire.deliver()

    def settle(self, seconds: float = LONG) -> None:
        """Let time pass."""
        self.deliver()
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.deliver()

    def known(self, name: str) -> dict[str, Report | None]:
        """What a node knows: client → report."""
        node = self.nodes[name]
        return {client: node.find(client) for client in node.locations.clients()}


@implementer(IStreamClientEndpoint)
class Way:
    """How one node reaches another."""

    def __init__(self, network: Network, one: str, other: str) -> None:
        self._network, self._one, self._other = network, one, other

    def connect(self, factory: Any) -> "Deferred[IProtocol]":
        """Dial."""
        return self._network.connect(self._one, self._other, factory)
