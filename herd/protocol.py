"""What clients say, and what they hear: one command a line.

A client is never read faster than it reads: while it has answers to fetch, or while Chirp is asked
on its behalf, its further commands stay in the network. So a connection costs little memory,
however much is sent, and answers come in the order of the questions.
"""

from collections.abc import Callable
from typing import Any

import orjson
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IPushProducer,
    IReactorTime,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from herd.messages import (
    SECOND,
    Command,
    Iamat,
    Malformed,
    Status,
    Whatsat,
    coordinates,
    format_at,
    parse_command,
)
from herd.node import Node
from herd.settings import Limits
from herd.tweets import ChirpAway, Nearby, Tweets

LONGEST_LINE = 64 * 1024  # bytes
_TURN = 200  # lines of one client that are answered before the others have their turn
_log = Logger(namespace="herd.clients")


class Clients(Factory):
    """Takes connections of clients. `status` tells how the server is."""

    noisy = False

    def __init__(
        self,
        node: Node,
        *,
        nearby: Nearby,
        limits: Limits,
        clock: IReactorTime,
        status: Callable[[], object],
    ) -> None:
        self.node = node
        self.nearby = nearby
        self.limits = limits
        self.clock = clock
        self.status = status
        self.connected = 0

    def buildProtocol(self, addr: IAddress | None) -> "ClientProtocol | None":
        """A protocol for one client; None when there is no room."""
        if self.connected >= self.limits.connections:
            self.node.counts.refused_full += 1
            return None
        return ClientProtocol(self)


@implementer(IPushProducer, IHalfCloseableProtocol)
class ClientProtocol(LineOnlyReceiver, TimeoutMixin):
    """One client."""

    transport: Any  # of TCP: it is written to, paused, and aborted
    delimiter = b"\n"
    MAX_LENGTH = LONGEST_LINE

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._held = b""  # received, and answered up to _at
        self._at = 0
        self._end = b"\n"  # as the client ends its own lines
        self._in_long_line = False
        self._reading = True
        self._working = False
        self._unread = False  # it has enough answers to fetch
        self._gone = False
        self._asking: Deferred[None] | None = None
        self._stall: IDelayedCall | None = None
        self._turn: IDelayedCall | None = None

    # --- The connection -------------------------------------------------------------------------

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """For the time-outs."""
        return self._clients.clock.callLater(period, func)

    def connectionMade(self) -> None:
        """Welcome."""
        self._clients.connected += 1
        self.setTimeout(self._clients.limits.idle)
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        _log.info("client {peer} is here", peer=self.transport.getPeer())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget all about it."""
        self._clients.connected -= 1
        self._gone = True
        self.setTimeout(None)
        for call in (self._stall, self._turn):
            if call is not None and call.active():
                call.cancel()
        if self._asking is not None:
            self._asking.cancel()
        _log.info("client {peer} is gone: {why}", peer=self.transport.getPeer(), why=reason.value)

    def readConnectionLost(self) -> None:
        """It has said all, and everything is answered, since otherwise we would not be reading."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """It does not listen any more; then the connection ends by itself."""

    def timeoutConnection(self) -> None:
        """It said nothing for too long."""
        self._clients.node.counts.dropped_idle += 1
        self._drop("idle")

    def pauseProducing(self) -> None:
        """It does not fetch its answers: wait, but not for ever."""
        self._unread = True
        self._stall = self.callLater(self._clients.limits.stall, self._stalled)

    def resumeProducing(self) -> None:
        """It has fetched them all: go on."""
        self._unread = False
        if self._stall is not None and self._stall.active():
            self._stall.cancel()
        self._work()

    def stopProducing(self) -> None:
        """Nobody will fetch anything."""
        self._gone = True

    def _stalled(self) -> None:
        self._clients.node.counts.dropped_slow += 1
        self._drop("does not read")

    def _drop(self, why: str) -> None:
        _log.info("dropping client {peer}: {why}", peer=self.transport.getPeer(), why=why)
        self._gone = True
        self.transport.abortConnection()

    # --- From bytes to lines --------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        """Take what came, and answer as much of it as may be answered now."""
        self._held = self._held[self._at :] + data
        self._at = 0
        self._work()

    def _work(self) -> None:
        if self._working:
            return
        self._working = True
        for _ in range(_TURN):
            if self._at == len(self._held) or not self._free():
                break
            self._take(self._next())
        self._working = False
        self._wait()

    def _free(self) -> bool:
        return not (self._gone or self._unread or self._asking)

    def _next(self) -> bytes:
        """One line with its end, or the beginning of one."""
        start = self._at
        self._at = self._held.find(b"\n", start) + 1 or len(self._held)
        return self._held[start : self._at]

    def _take(self, piece: bytes) -> None:
        if self._in_long_line:
            self.transport.write(piece)
            self._in_long_line = not piece.endswith(b"\n")
        else:
            super().dataReceived(piece)

    def _wait(self) -> None:
        """Read on when all is answered; if only the turn is over, have another one soon."""
        left = self._at < len(self._held)
        if not left:
            self._held, self._at = b"", 0
        if left and self._free() and not (self._turn and self._turn.active()):
            self._turn = self.callLater(0, self._work)
        self._read(not left and self._free())

    def _read(self, reading: bool) -> None:
        if reading != self._reading and not self._gone:
            self._reading = reading
            if reading:
                self.transport.resumeProducing()
            else:
                self.transport.pauseProducing()

    def lineLengthExceeded(self, line: bytes) -> None:
        """Answer what there is of a long line. What is to come of it is sent after that."""
        unfinished = bool(self._buffer)
        self._buffer, self._in_long_line = b"", unfinished
        self._malformed(line, end=b"" if unfinished else b"\n")

    # --- From lines to answers ------------------------------------------------------------------

    def lineReceived(self, line: bytes) -> None:
        """Answer one line."""
        self.resetTimeout()
        self._end = b"\r\n" if line.endswith(b"\r") else b"\n"
        latest = self._clients.node.now() + int(self._clients.limits.future * SECOND)
        try:
            command = parse_command(line, latest=latest)
        except Malformed:
            self._malformed(line)
        else:
            self._answer(command)

    def _malformed(self, line: bytes, end: bytes = b"\n") -> None:
        self._clients.node.counts.malformed += 1
        self.transport.write(b"? " + line + end)

    def _answer(self, command: Command) -> None:
        match command:
            case Iamat():
                self._iamat(command)
            case Whatsat():
                self._whatsat(command)
            case Status():
                self._say(orjson.dumps(self._clients.status()))

    def _iamat(self, command: Iamat) -> None:
        node = self._clients.node
        report = command.report(server=node.name, now=node.now())
        stored = node.learn(report)
        node.counts.reports += stored
        node.counts.reports_old += not stored
        self._say(format_at(report).encode())

    def _whatsat(self, command: Whatsat) -> None:
        node = self._clients.node
        node.counts.questions += 1
        report = node.find(command.client)
        if report is None:
            self._say(f"UNKNOWN {command.client} has not reported where it is".encode())
            return
        self._say(format_at(report).encode())
        latitude, longitude = coordinates(report.location)
        tweets = self._clients.nearby.near(
            latitude=latitude, longitude=longitude, radius=command.radius, count=command.count
        )
        self._asking = tweets.addCallbacks(self._tell, self._explain)
        tweets.addErrback(lambda failure: _log.failure("cannot answer", failure=failure))
        tweets.addBoth(self._asked)

    def _tell(self, tweets: Tweets) -> None:
        self._say(orjson.dumps(tweets), b"")

    def _explain(self, failure: Failure) -> None:
        if self._gone:
            return
        problem = failure.trap(ChirpAway) and failure.value
        self._clients.node.counts.chirp_away += 1
        self._say(orjson.dumps({"error": "away", "message": f"Chirp is away: {problem}."}), b"")

    def _asked(self, _: None) -> None:
        self._asking = None
        self._work()

    def _say(self, *lines: bytes) -> None:
        if not self._gone:
            self.transport.write(b"".join(line + self._end for line in lines))
