"""One connection between two servers of the herd, on a port that is only for servers.

Both servers prove that they know the shared key (handshake.py) before either sends anything else:

    dials    HERD-1 <own name> <name of the other> <nonce>
    answers  NUMBER <nonce> <proof>
    dials    PROOF <proof>
    answers  (sealed) WELCOME

After that every line is sealed: `AT ...` for a report, `PING` to show that the server is alive.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from herd.handshake import Forged, Handshake, Role, Sealer, nonce
from herd.messages import Malformed, Report, format_flood, parse_flood, split_fields
from herd.node import Link, Node
from herd.settings import Limits

_GREETING, _NUMBER, _PROOF, _WELCOME, _PING = "HERD-1", "NUMBER", "PROOF", b"WELCOME", b"PING"
_log = Logger(namespace="herd.peers")


class UnexpectedLine(Exception):
    """The other server sent a line that is not allowed at this point."""


@dataclass(slots=True)
class PeerContext:
    """What all connections of one server to other servers share."""

    node: Node
    key: bytes
    clock: IReactorTime
    limits: Limits
    # Connections that have not authenticated yet.
    strangers: set["PeerProtocol"] = field(default_factory=set)


@implementer(IPushProducer)
class PeerProtocol(LineOnlyReceiver, TimeoutMixin):
    """One connection between two servers, on either side.

    `dials` is the name of the server that this side dials. The answering side gives `expected`
    instead, the names of the servers that may dial it. `on_authenticated` is called on the
    dialling side when the handshake succeeds.
    """

    transport: Any  # a TCP transport: it is written to, and aborted
    delimiter = b"\n"
    MAX_LENGTH = 4096

    def __init__(
        self,
        context: PeerContext,
        *,
        dials: str | None = None,
        expected: set[str] | None = None,
        on_authenticated: Callable[[], None] = lambda: None,
    ) -> None:
        self.ready = True
        self._context = context
        self._peer_name = dials or ""
        self._role: Role = "dials" if dials else "answers"
        self._expected = expected or set()
        self._on_authenticated = on_authenticated
        self._nonce = nonce()
        # The handler of the next line.
        self._receive: Callable[[bytes], None] = (
            self._receive_number if dials else self._receive_greeting
        )
        self._link: Link | None = None
        self._out: Sealer
        self._in: Sealer
        self._handshake: Handshake
        self._pings = LoopingCall(self._ping)
        self._pings.clock = context.clock

    # --- The connection -------------------------------------------------------------------------

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Schedule a timeout, for TimeoutMixin."""
        return self._context.clock.callLater(period, func)

    def connectionMade(self) -> None:
        """Send the greeting, or wait for one; the handshake has a timeout."""
        self._context.strangers.add(self)
        self.setTimeout(self._context.limits.handshake)
        self.transport.setTcpNoDelay(True)
        if self._role == "dials":
            self._send(_GREETING, self._context.node.name, self._peer_name, self._nonce)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Clean up, and close the link."""
        self.setTimeout(None)
        self._receive = self._ignore_line
        self._context.strangers.discard(self)
        if self._pings.running:
            self._pings.stop()
        if self._link is not None:
            _log.info("link to {name} is down: {why}", name=self._peer_name, why=reason.value)
            self._link.close(self)

    def lineReceived(self, line: bytes) -> None:
        """Pass the line to the current handler, and drop the connection if it is not valid."""
        try:
            self._receive(line)
        except (UnexpectedLine, Malformed, Forged) as problem:
            self._context.node.counts.strangers += 1
            _log.error("rejecting {peer}: {why!r}", peer=self._peer_label(), why=problem)
            self.drop("protocol violation")

    def lineLengthExceeded(self, line: bytes) -> None:
        """Treat a line that is too long as an invalid one."""
        self.lineReceived(b"")

    def timeoutConnection(self) -> None:
        """Drop a connection on which nothing was received for too long."""
        if self._link is None:
            self._context.node.counts.strangers += 1
        self.drop("timeout")

    def drop(self, why: str) -> None:
        """Abort the connection."""
        _log.info("dropping {peer}: {why}", peer=self._peer_label(), why=why)
        self._receive = self._ignore_line
        self.ready = False
        self.transport.abortConnection()

    def _peer_label(self) -> str:
        return self._peer_name or str(self.transport.getPeer())

    # --- The handshake --------------------------------------------------------------------------

    def _receive_greeting(self, line: bytes) -> None:
        match split_fields(line):
            case [word, dialling, answering, dialling_nonce] if word == _GREETING:
                if dialling not in self._expected or answering != self._context.node.name:
                    raise UnexpectedLine
                self._peer_name = dialling
                self._begin_handshake(dialling, answering, dialling_nonce, self._nonce)
                self._send(_NUMBER, self._nonce, self._handshake.proof("answers"))
                self._receive = self._receive_proof
            case _:
                raise UnexpectedLine

    def _receive_number(self, line: bytes) -> None:
        match split_fields(line):
            case [word, answering_nonce, proof] if word == _NUMBER:
                own_name = self._context.node.name
                self._begin_handshake(own_name, self._peer_name, self._nonce, answering_nonce)
                self._handshake.check("answers", proof)
                self._send(_PROOF, self._handshake.proof("dials"))
                self._receive = self._receive_welcome
            case _:
                raise UnexpectedLine

    def _receive_proof(self, line: bytes) -> None:
        match split_fields(line):
            case [word, proof] if word == _PROOF:
                self._handshake.check("dials", proof)
                self._send_sealed(_WELCOME)
                self._open_link()
            case _:
                raise UnexpectedLine

    def _receive_welcome(self, line: bytes) -> None:
        if self._in.open(line) != _WELCOME:
            raise UnexpectedLine
        self._on_authenticated()
        self._open_link()

    def _begin_handshake(
        self, dialling: str, answering: str, dialling_nonce: str, answering_nonce: str
    ) -> None:
        key = self._context.key
        self._handshake = Handshake(key, dialling, answering, dialling_nonce, answering_nonce)
        other: Role = "answers" if self._role == "dials" else "dials"
        self._out, self._in = self._handshake.sealer(self._role), self._handshake.sealer(other)

    def _send(self, *fields: str) -> None:
        self.sendLine(" ".join(fields).encode())

    def _send_sealed(self, line: bytes) -> None:
        self.sendLine(self._out.seal(line))

    def _open_link(self) -> None:
        self._context.strangers.discard(self)
        self._receive = self._receive_sealed
        self.setTimeout(3 * self._context.limits.ping)
        self._pings.start(self._context.limits.ping, now=False)
        self.transport.registerProducer(self, True)
        _log.info("link to {name} is up", name=self._peer_name)
        self._link = self._context.node.link(self._peer_name)
        self._link.open(self)

    # --- The link -------------------------------------------------------------------------------

    def send_report(self, report: Report) -> None:
        """Send a report to the neighbour."""
        self._send_sealed(format_flood(report, hop=self._context.node.name))

    def pauseProducing(self) -> None:
        """Stop sending: the buffer of the transport is full."""
        self.ready = False

    def resumeProducing(self) -> None:
        """Continue sending: the buffer of the transport is empty."""
        self.ready = self._receive == self._receive_sealed
        if self._link is not None:
            self._link.send()

    def stopProducing(self) -> None:
        """Stop sending: the connection is closed."""
        self.ready = False

    def _receive_sealed(self, sealed: bytes) -> None:
        line = self._in.open(sealed)
        self.resetTimeout()
        if line == _PING or self._link is None:
            return
        try:
            report, hop = parse_flood(line)
        except Malformed as problem:
            # It is a neighbour, perhaps of another version: that is no reason to lose the link.
            _log.error(
                "malformed line from {name}: {line!r}: {why}",
                name=self._peer_name,
                line=line,
                why=problem,
            )
            return
        if hop != self._peer_name:
            raise UnexpectedLine
        self._link.receive(report)

    def _ignore_line(self, line: bytes) -> None:
        pass

    def _ping(self) -> None:
        if self.ready:
            self._send_sealed(_PING)
