"""One connection between two servers of the herd, on the port that is for them alone.

Both prove that they know the shared key (handshake.py) before either says anything else:

    dials    HERD-1 <own name> <other's name> <number>
    answers  NUMBER <number> <proof>
    dials    PROOF <proof>
    answers  (sealed) WELCOME

From then on every line is sealed: `AT ...` for a report, `PING` to show that one is there.
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

from herd.handshake import Forged, Meeting, Part, Seal, number
from herd.messages import Malformed, Report, format_flood, parse_flood, words
from herd.node import Link, Node
from herd.settings import Limits

_GREETING, _NUMBER, _PROOF, _WELCOME, _PING = "HERD-1", "NUMBER", "PROOF", b"WELCOME", b"PING"
_log = Logger(namespace="herd.peers")


class Unwelcome(Exception):
    """A neighbour said something that it may not say now."""


@dataclass(slots=True)
class Here:
    """What all connections of one server to others share."""

    node: Node
    key: bytes
    clock: IReactorTime
    limits: Limits
    # Connections that have not proven themselves yet.
    strangers: set["PeerProtocol"] = field(default_factory=set)


@implementer(IPushProducer)
class PeerProtocol(LineOnlyReceiver, TimeoutMixin):
    """One connection between two servers, on either side."""

    transport: Any  # of TCP: it is written to, and aborted
    delimiter = b"\n"
    MAX_LENGTH = 4096

    def __init__(
        self,
        here: Here,
        *,
        dials: str | None = None,
        expected: set[str] | None = None,
        proven: Callable[[], None] = lambda: None,
    ) -> None:
        self.ready = True
        self._here = here
        self._other = dials or ""
        self._part: Part = "dials" if dials else "answers"
        self._expected = expected or set()
        self._proven = proven
        self._number = number()
        self._expect: Callable[[bytes], None] = self._numbered if dials else self._greeted
        self._link: Link | None = None
        self._seal: Seal
        self._unseal: Seal
        self._meeting: Meeting
        self._pings = LoopingCall(self._ping)
        self._pings.clock = here.clock

    # --- The connection -------------------------------------------------------------------------

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """For the time-outs."""
        return self._here.clock.callLater(period, func)

    def connectionMade(self) -> None:
        """Greet, or wait for a greeting, but not for long."""
        self._here.strangers.add(self)
        self.setTimeout(self._here.limits.handshake)
        self.transport.setTcpNoDelay(True)
        if self._part == "dials":
            self._say(_GREETING, self._here.node.name, self._other, self._number)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The link is down."""
        self.setTimeout(None)
        self._expect = self._ignored
        self._here.strangers.discard(self)
        if self._pings.running:
            self._pings.stop()
        if self._link is not None:
            _log.info("link to {name} is down: {why}", name=self._other, why=reason.value)
            self._link.close(self)

    def lineReceived(self, line: bytes) -> None:
        """Every line means what the one before makes of it."""
        try:
            self._expect(line)
        except (Unwelcome, Malformed, Forged) as problem:
            self._here.node.counts.strangers += 1
            _log.error("{peer} is no neighbour: {why!r}", peer=self._whence(), why=problem)
            self.drop("no neighbour")

    def lineLengthExceeded(self, line: bytes) -> None:
        """No neighbour says that much."""
        self.lineReceived(b"")

    def timeoutConnection(self) -> None:
        """Nothing came for too long."""
        if self._link is None:
            self._here.node.counts.strangers += 1
        self.drop("silence")

    def drop(self, why: str) -> None:
        """Break off at once."""
        _log.info("dropping {peer}: {why}", peer=self._whence(), why=why)
        self._expect = self._ignored
        self.ready = False
        self.transport.abortConnection()

    def _whence(self) -> str:
        return self._other or str(self.transport.getPeer())

    # --- The handshake --------------------------------------------------------------------------

    def _greeted(self, line: bytes) -> None:
        match words(line):
            case [word, dialling, answering, dialled_with] if word == _GREETING:
                if dialling not in self._expected or answering != self._here.node.name:
                    raise Unwelcome
                self._other = dialling
                self._meet(dialling, answering, dialled_with, self._number)
                self._say(_NUMBER, self._number, self._meeting.proof("answers"))
                self._expect = self._proved
            case _:
                raise Unwelcome

    def _numbered(self, line: bytes) -> None:
        match words(line):
            case [word, answered_with, proof] if word == _NUMBER:
                self._meet(self._here.node.name, self._other, self._number, answered_with)
                self._meeting.check("answers", proof)
                self._say(_PROOF, self._meeting.proof("dials"))
                self._expect = self._welcomed
            case _:
                raise Unwelcome

    def _proved(self, line: bytes) -> None:
        match words(line):
            case [word, proof] if word == _PROOF:
                self._meeting.check("dials", proof)
                self._say_sealed(_WELCOME)
                self._up()
            case _:
                raise Unwelcome

    def _welcomed(self, line: bytes) -> None:
        if self._unseal.open(line) != _WELCOME:
            raise Unwelcome
        self._proven()
        self._up()

    def _meet(self, dialling: str, answering: str, dialled_with: str, answered_with: str) -> None:
        key = self._here.key
        self._meeting = Meeting(key, dialling, answering, dialled_with, answered_with)
        other: Part = "answers" if self._part == "dials" else "dials"
        self._seal, self._unseal = self._meeting.seal(self._part), self._meeting.seal(other)

    def _say(self, *said: str) -> None:
        self.sendLine(" ".join(said).encode())

    def _say_sealed(self, line: bytes) -> None:
        self.sendLine(self._seal.close(line))

    def _up(self) -> None:
        self._here.strangers.discard(self)
        self._expect = self._told
        self.setTimeout(3 * self._here.limits.ping)
        self._pings.start(self._here.limits.ping, now=False)
        self.transport.registerProducer(self, True)
        _log.info("link to {name} is up", name=self._other)
        self._link = self._here.node.link(self._other)
        self._link.open(self)

    # --- The link -------------------------------------------------------------------------------

    def tell(self, report: Report) -> None:
        """Send a report."""
        self._say_sealed(format_flood(report, hop=self._here.node.name))

    def pauseProducing(self) -> None:
        """What we wrote is not read yet: wait."""
        self.ready = False

    def resumeProducing(self) -> None:
        """It was read: go on."""
        self.ready = self._expect == self._told
        if self._link is not None:
            self._link.send()

    def stopProducing(self) -> None:
        """Nobody will read any more."""
        self.ready = False

    def _told(self, sealed: bytes) -> None:
        line = self._unseal.open(sealed)
        self.resetTimeout()
        if line == _PING or self._link is None:
            return
        try:
            report, hop = parse_flood(line)
        except Malformed as problem:
            # It is a neighbour, perhaps of another version: that is no reason to lose the link.
            _log.error("{name} said {line!r}: {why}", name=self._other, line=line, why=problem)
            return
        if hop != self._other:
            raise Unwelcome
        self._link.hear(report)

    def _ignored(self, line: bytes) -> None:
        pass

    def _ping(self) -> None:
        if self.ready:
            self._say_sealed(_PING)
