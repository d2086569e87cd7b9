"""The worker of the web server: gunicorn's processes with waitress' buffers in front of the views.

gunicorn starts, watches and replaces the processes. In each, waitress reads requests and writes
responses in an event loop, whatever the pace of the clients, and the views of whole requests run
between two turns of the loop, one at a time. So a client that sends nothing, half a header or half
a body, or that reads slowly, costs a socket and holds up no other client. Connections stay open
between requests. No second thread has to be woken for a request, which took as long as a third of
a short one: docs/decisions/0047-views-in-the-event-loop.md.

What waitress leaves open is bounded here: how long a request may take to arrive, how large its body
may be (settings.BODY_LIMITS, by path), and what happens when there are more connections than a
process wants. The decision: docs/decisions/0017-buffered-web-worker.md.

Requests for streams are not answered here: their connections are handed over (chirp/handoff.py).
So are requests that would wait while another process is idle (chirp/sharing.py).
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import WSGITask
from waitress.utilities import RequestEntityTooLarge

from chirp import handoff
from chirp.limits.bodies import body_limit
from chirp.sharing import Pool

HEADER_SECONDS = 15.0  # in which the header of a request has to arrive, from its first byte on
BODY_SECONDS = 30.0  # in which a body has to arrive, and longer by this rate:
BODY_BYTES_PER_SECOND = 20_000
IDLE_SECONDS = 20  # after which a connection without a request is closed
MOST_HEADER_BYTES = 32 * 1024
MOST_CONNECTIONS = 2_000  # of one process; near it, the oldest without a request are closed
# What is read of a body that is too large, so that the client gets its answer, and never stored.
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
LOOP_SECONDS = 1.0
# How long a process that ends waits for requests on open connections. Their answers say that the
# connection ends, so that no client sends a request into one that is being closed.
LINGER_SECONDS = 1.0

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class DiscardedBody:
    """A body that is read and thrown away. It has the methods of waitress' receivers."""

    error = None

    def __init__(self, length: int) -> None:
        self._left = min(length, MOST_DISCARDED_BYTES)
        self.completed = self._left == 0

    def received(self, data: bytes) -> int:
        """Take some of the body and return how many bytes were taken."""
        taken = min(len(data), self._left)
        self._left -= taken
        self.completed = self._left == 0
        return taken

    def getfile(self) -> None:
        """There is nothing to read."""

    def __len__(self) -> int:
        return 0


class BoundedParser(HTTPRequestParser):  # type: ignore[misc]
    """A request that has to arrive in time, and whose body is bounded by its path."""

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.deadline = time.monotonic() + HEADER_SECONDS
        self.content_length: int
        self.body_rcv: Any
        self.error: Any
        self.head = b""  # as it arrived
        self.is_taken = False  # from the pool, to which it is not given again

    def parse_header(self, header_plus: bytes) -> None:
        """Decide on the body as soon as the header is there. The views answer 413."""
        self.head = header_plus
        super().parse_header(header_plus)
        self.deadline = (
            time.monotonic() + BODY_SECONDS + self.content_length / BODY_BYTES_PER_SECOND
        )
        if self.content_length > body_limit(self.path):
            self.connection_close = True
            self.body_rcv = DiscardedBody(self.content_length)
            self.content_length = 0  # for waitress' own limit, which counts for chunks

    def get_body_stream(self) -> Any:
        """The body as a file; an empty one for a body that was discarded."""
        if isinstance(self.body_rcv, DiscardedBody):
            self.body_rcv = None
        return super().get_body_stream()

    def received(self, data: bytes) -> int:
        """Take some of the request. A chunked body is bounded while it arrives."""
        taken: int = super().received(data)
        if self.chunked and not self.error and self.body_bytes_received > body_limit(self.path):
            self.error = RequestEntityTooLarge("The body of this request is too large.")
            self.completed = True
        return taken


class BareHeadTask(WSGITask):  # type: ignore[misc]
    """A response. That to HEAD has the header of a GET and no body, whatever the view returns.

    Otherwise the client would take the body for the beginning of the next response.
    """

    request: BoundedParser

    @property
    def _is_head(self) -> bool:
        return bool(self.request.command == "HEAD")

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment. Files of a HEAD go through `write` too."""
        environ: dict[str, Any] = super().get_environment()
        if self._is_head:
            environ.pop("wsgi.file_wrapper", None)
        return environ

    def build_response_header(self) -> bytes:
        """The header, which ends the connection if the process ends."""
        if self.channel.server.is_ending:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header

    def write(self, data: bytes) -> None:
        """Send some of the body, after the header."""
        super().write(b"" if self._is_head else data)

    def finish(self) -> None:
        """Send the header, if nothing was written, and the end of a chunked body."""
        if self._is_head:
            self.write(b"")
        else:
            super().finish()


class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests have to arrive in time."""

    parser_class = BoundedParser
    task_class = BareHeadTask

    @property
    def is_idle(self) -> bool:
        """Whether no whole request of this connection is being answered."""
        return not self.requests and not self.total_outbufs_len

    @property
    def is_full(self) -> bool:
        """Whether so much waits for the client to read it that its next request has to wait."""
        return bool(self.total_outbufs_len > self.adj.outbuf_high_watermark)

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Never wait for the client: only the loop sends, and a view is a part of the loop.

        What a view returns goes to a file from outbuf_overflow bytes on.
        """

    @property
    def wants_stream(self) -> bool:
        """Whether its only request is one for a stream, and nothing else is to be answered."""
        request = self.requests[0]
        return (
            len(self.requests) == 1
            and not self.total_outbufs_len
            and not request.error
            and request.command == "GET"
            and handoff.is_stream(request.path)
        )

    def hand_over(self, to: Path) -> bool:
        """Pass the connection on to the process of streams. Returns whether it took it."""
        taken = handoff.hand_over(self.socket, self.requests[0].head, to=to)
        if taken:
            self._forget()
        return taken

    def give(self, pool: Pool) -> bool:
        """Pass the connection on to an idle process. Returns whether it did.

        Only a connection is passed of which nothing has been read but the header of one request,
        and to which nothing is to be sent.
        """
        request = self.requests[0]
        movable = (
            len(self.requests) == 1
            and self.request is None
            and not self.total_outbufs_len
            and request.body_rcv is None
            and not (request.error or request.is_taken)
        )
        given = movable and pool.give(self.socket, request.head)
        if given:
            self._forget()
        return given

    def _forget(self) -> None:
        """Close this process' copy of a connection that another one has."""
        self.requests.clear()
        self.handle_close()

    def is_late(self, now: float) -> bool:
        """Whether it has begun a request that did not arrive in time."""
        request = self.request
        return request is not None and now > request.deadline


class Taker(wasyncore.dispatcher):  # type: ignore[misc]
    """Takes connections and their requests from the pool into the loop of a server."""

    def __init__(self, pool: Pool, server: Any) -> None:
        super().__init__(pool.taking, map=server._map)
        self._pool = pool
        self._server = server

    def writable(self) -> bool:
        """Nothing is sent here: `Pool.give` does."""
        return False

    def handle_read(self) -> None:
        """Take a connection, unless another process was faster."""
        taken = self._pool.take()
        if taken is None:
            return
        connection, head = taken
        server = self._server
        try:
            address = server.fix_addr(connection.getpeername())
        except OSError:  # the client has gone
            connection.close()
            return
        channel = server.channel_class(server, connection, address, server.adj, map=server._map)
        channel.received(head)
        channel.requests[0].is_taken = True


class WebWorker(Worker):  # type: ignore[misc]
    """One process of the web server. See the module's text."""

    _pool: Pool | None = None  # of all processes of this web server

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Runs before the fork, in the process that starts and watches the others."""
        super().__init__(*args, **kwargs)
        self.pool = WebWorker._pool = WebWorker._pool or Pool()
        self.pool.forget_idle()  # one of them may have been killed

    def run(self) -> None:
        """Serve until told to stop, then finish what has begun."""
        self._looked_after = 0.0
        self._waiting: deque[BoundedChannel] = deque()
        self._streams = handoff.socket_path(settings.VAR_DIR)
        server = self._server()
        while self.alive:
            self._turn(server, LOOP_SECONDS)
            self._look_after(server)
        self._finish(server)

    def _server(self) -> Any:
        sockets = [listener.sock for listener in self.sockets]
        for listener in sockets:
            listener.setblocking(False)
        server = create_server(
            self._counted(self.wsgi),
            sockets=sockets,
            threads=0,
            ident=None,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=5,
            max_request_header_size=MOST_HEADER_BYTES,
            # Whether a proxy's headers are trusted is decided by settings.TRUSTED_PROXIES.
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
        )
        server.channel_class = BoundedChannel
        server.add_task = self._waiting.append
        server.pull_trigger = _not_asleep
        server.is_ending = False
        Taker(self.pool, server)
        return server

    def _turn(self, server: Any, seconds: float) -> None:
        """Wait for the network, read and write, and answer one of the requests that are whole."""
        timeout = 0 if self._ready() else seconds
        self.pool.set_idle(self.age, bool(timeout) and not server.is_ending)
        wasyncore.loop(timeout=timeout, use_poll=True, map=server._map, count=1)
        self.pool.set_idle(self.age, False)
        channel = self._ready()
        if channel is not None:
            self._waiting.remove(channel)
            self._share()
            began = time.monotonic()
            self._answer(channel)
            _forgive(server, time.monotonic() - began)

    def _share(self) -> None:
        """Give requests that wait here to processes that have nothing to do."""
        while self._waiting and self.pool.has_idle():
            channel = next((c for c in self._waiting if c.give(self.pool)), None)
            if channel is None:
                return
            self._waiting.remove(channel)

    def _answer(self, channel: BoundedChannel) -> None:
        """Have a request answered: by the process of streams, or by a view."""
        try:
            if not (channel.wants_stream and channel.hand_over(self._streams)):
                channel.service()
        except Exception:  # of a view it becomes a 500 before, so this is one of the connection
            channel.handle_error()

    def _ready(self) -> BoundedChannel | None:
        """The connection whose request is the next to be answered."""
        return next((channel for channel in self._waiting if not channel.is_full), None)

    def _counted(self, application: Application) -> Application:
        """The application, with a count of its requests."""

        def counted(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            try:
                return application(environ, start_response)
            finally:
                self.nr += 1
                if self.nr >= self.max_requests:
                    self.alive = False  # gunicorn replaces this process

        return counted

    def _look_after(self, server: Any) -> None:
        """Now and then, close late connections, and say that this process is well."""
        now = time.monotonic()
        if now - self._looked_after < LOOP_SECONDS:
            return
        self._looked_after = now
        channels = list(server.active_channels.values())
        for channel in channels:
            if channel.is_late(now):
                channel.handle_close()
        if len(channels) > MOST_CONNECTIONS * 9 // 10:
            self._make_room(channels)
        self.notify()
        if self.ppid != os.getppid():
            self.alive = False

    def _make_room(self, channels: list[Any]) -> None:
        """Close a tenth of the connections: those without a request, the oldest first."""
        idle = sorted((c for c in channels if c.is_idle), key=lambda c: c.last_activity)
        for channel in idle[: MOST_CONNECTIONS // 10]:
            channel.handle_close()

    def _finish(self, server: Any) -> None:
        """Accept nothing more, and answer what has arrived, or arrives on open connections."""
        server.del_channel()
        server.is_ending = True
        self._turn(server, 0)  # for what this process gave to the pool
        now = time.monotonic()
        linger, deadline = now + LINGER_SECONDS, now + self.cfg.graceful_timeout
        while now < deadline and (channels := _waited_for(server, idle=now < linger)):
            for channel in channels:
                channel.close_when_flushed = not (channel.is_idle or channel.requests)
            self._turn(server, 0.1)
            self.notify()
            now = time.monotonic()


def _not_asleep() -> None:
    """Wake the loop up, in which this is called."""


def _forgive(server: Any, seconds: float) -> None:
    """Give the other clients the time in which a slow view let nothing of theirs be read."""
    if seconds < LOOP_SECONDS:
        return
    for channel in server.active_channels.values():
        channel.last_activity += seconds
        if channel.request is not None:
            channel.request.deadline += seconds


def _waited_for(server: Any, *, idle: bool) -> list[Any]:
    """The open connections with a request, and those without one if `idle`."""
    return [channel for channel in server.active_channels.values() if idle or not channel.is_idle]
