"""The protocol of clients: one command per line, answered in order.

The server never reads faster than the client does: while the client has responses to fetch, or
while a request to Chirp is pending for it, its further commands are not read from the socket. So a
connection needs little memory, however much the client sends, and responses come in the order of
the commands.
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

MAX_LINE_BYTES = 64 * 1024
_LINES_PER_TURN = 200  # lines of one client that are answered before other clients get a turn
_log = Logger(namespace="herd.clients")


class Clients(Factory):
    """Accepts connections of clients. `status` returns the body of a STATUS response."""

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
        """Return a protocol for one client, or None if there are too many connections."""
        if self.connected >= self.limits.connections:
            self.node.counts.refused_full += 1
            return None
        return ClientProtocol(self)


@implementer(IPushProducer, IHalfCloseableProtocol)
class ClientProtocol(LineOnlyReceiver, TimeoutMixin):
    """The connection of one client."""

    transport: Any  # a TCP transport: it is written to, paused, and aborted
    delimiter = b"\n"
    MAX_LENGTH = MAX_LINE_BYTES

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._received = b""  # data that is processed up to _position
        self._position = 0
        self._line_ending = b"\n"  # the one that the client uses
        self._in_long_line = False
        self._reading = True
        self._processing = False
        self._output_full = False  # the client has to fetch responses first
        self._closed = False
        self._lookup: Deferred[None] | None = None  # the pending request to Chirp
        self._stall_timeout: IDelayedCall | None = None
        self._next_turn: IDelayedCall | None = None

    # --- The connection -------------------------------------------------------------------------

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Schedule a timeout, for TimeoutMixin."""
        return self._clients.clock.callLater(period, func)

    def connectionMade(self) -> None:
        """Count the client and start its idle timeout."""
        self._clients.connected += 1
        self.setTimeout(self._clients.limits.idle)
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        _log.info("client {peer} connected", peer=self.transport.getPeer())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Cancel everything that is pending for the client."""
        self._clients.connected -= 1
        self._closed = True
        self.setTimeout(None)
        for call in (self._stall_timeout, self._next_turn):
            if call is not None and call.active():
                call.cancel()
        if self._lookup is not None:
            self._lookup.cancel()
        peer = self.transport.getPeer()
        _log.info("client {peer} disconnected: {why}", peer=peer, why=reason.value)

    def readConnectionLost(self) -> None:
        """Close the connection after the last command.

        Every command is answered by now, because otherwise the end would not have been read.
        """
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Do nothing: the client closed its reading half, and the connection will end by itself."""

    def timeoutConnection(self) -> None:
        """Drop a client that has sent no command for too long."""
        self._clients.node.counts.dropped_idle += 1
        self._drop("idle")

    def pauseProducing(self) -> None:
        """Wait until the client fetches its responses, up to the stall timeout."""
        self._output_full = True
        self._stall_timeout = self.callLater(self._clients.limits.stall, self._stalled)

    def resumeProducing(self) -> None:
        """Continue: the client has fetched all responses."""
        self._output_full = False
        if self._stall_timeout is not None and self._stall_timeout.active():
            self._stall_timeout.cancel()
        self._process()

    def stopProducing(self) -> None:
        """Stop: the connection is closed."""
        self._closed = True

    def _stalled(self) -> None:
        self._clients.node.counts.dropped_slow += 1
        self._drop("does not read its responses")

    def _drop(self, why: str) -> None:
        _log.info("dropping client {peer}: {why}", peer=self.transport.getPeer(), why=why)
        self._closed = True
        self.transport.abortConnection()

    # --- From bytes to lines --------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        """Store the data, and process as much of it as is allowed now."""
        self._received = self._received[self._position :] + data
        self._position = 0
        self._process()

    def _process(self) -> None:
        if self._processing:
            return
        self._processing = True
        for _ in range(_LINES_PER_TURN):
            if self._position == len(self._received) or not self._may_process():
                break
            self._process_piece(self._next_piece())
        self._processing = False
        self._end_turn()

    def _may_process(self) -> bool:
        return not (self._closed or self._output_full or self._lookup)

    def _next_piece(self) -> bytes:
        """Return the next line with its ending, or the beginning of an incomplete line."""
        start = self._position
        self._position = self._received.find(b"\n", start) + 1 or len(self._received)
        return self._received[start : self._position]

    def _process_piece(self, piece: bytes) -> None:
        if self._in_long_line:
            self.transport.write(piece)
            self._in_long_line = not piece.endswith(b"\n")
        else:
            super().dataReceived(piece)

    def _end_turn(self) -> None:
        """Read on if everything is answered; schedule another turn if only this one is over."""
        left = self._position < len(self._received)
        if not left:
            self._received, self._position = b"", 0
        if left and self._may_process() and not (self._next_turn and self._next_turn.active()):
            self._next_turn = self.callLater(0, self._process)
        self._set_reading(not left and self._may_process())

    def _set_reading(self, reading: bool) -> None:
        if reading != self._reading and not self._closed:
            self._reading = reading
            if reading:
                self.transport.resumeProducing()
            else:
                self.transport.pauseProducing()

    def lineLengthExceeded(self, line: bytes) -> None:
        """Echo the received part of a long line as malformed. The rest is echoed as it arrives."""
        unfinished = bool(self._buffer)
        self._buffer, self._in_long_line = b"", unfinished
        self._send_malformed(line, end=b"" if unfinished else b"\n")

    # --- From lines to responses ----------------------------------------------------------------

    def lineReceived(self, line: bytes) -> None:
        """Answer one line."""
        self.resetTimeout()
        self._line_ending = b"\r\n" if line.endswith(b"\r") else b"\n"
        latest = self._clients.node.now() + int(self._clients.limits.future * SECOND)
        try:
            command = parse_command(line, latest=latest)
        except Malformed:
            self._send_malformed(line)
        else:
            self._answer(command)

    def _send_malformed(self, line: bytes, end: bytes = b"\n") -> None:
        self._clients.node.counts.malformed += 1
        self.transport.write(b"? " + line + end)

    def _answer(self, command: Command) -> None:
        match command:
            case Iamat():
                self._iamat(command)
            case Whatsat():
                self._whatsat(command)
            case Status():
                self._send(orjson.dumps(self._clients.status()))

    def _iamat(self, command: Iamat) -> None:
        node = self._clients.node
        report = command.report(server=node.name, now=node.now())
        stored = node.learn(report)
        node.counts.reports += stored
        node.counts.reports_old += not stored
        self._send(format_at(report).encode())

    def _whatsat(self, command: Whatsat) -> None:
        node = self._clients.node
        node.counts.questions += 1
        report = node.find(command.client)
        if report is None:
            self._send(f"UNKNOWN {command.client} has not reported where it is".encode())
            return
        self._send(format_at(report).encode())
        latitude, longitude = coordinates(report.location)
        tweets = self._clients.nearby.near(
            latitude=latitude, longitude=longitude, radius=command.radius, count=command.count
        )
        self._lookup = tweets.addCallbacks(self._send_tweets, self._send_error)
        tweets.addErrback(lambda failure: _log.failure("cannot answer", failure=failure))
        tweets.addBoth(self._end_lookup)

    def _send_tweets(self, tweets: Tweets) -> None:
        self._send(orjson.dumps(tweets), b"")

    def _send_error(self, failure: Failure) -> None:
        if self._closed:
            return
        problem = failure.trap(ChirpAway) and failure.value
        self._clients.node.counts.chirp_away += 1
        self._send(orjson.dumps({"error": "away", "message": f"Chirp is away: {problem}."}), b"")

    def _end_lookup(self, _: None) -> None:
        self._lookup = None
        self._process()

    def _send(self, *lines: bytes) -> None:
        if not self._closed:
            self.transport.write(b"".join(line + self._line_ending for line in lines))
