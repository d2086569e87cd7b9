"""The worker of the web server: gunicorn's processes with waitress' buffers in front of the views.

gunicorn starts, watches and replaces the processes. In each, waitress reads requests and writes
responses in an event loop, whatever the pace of the clients, and the views of whole requests run
between two turns of the loop, one at a time. So a client that sends nothing, half a header or half
a body, or that reads slowly, costs a socket and holds up no other client. Connections stay open
between requests. No second thread has to be woken for a request, which took as long as a third of
a short one: docs/decisions/0047-views-in-the-event-loop.md.

What waitress leaves open is bounded: how long a request may take to arrive and how large its body
may be (chirp/web_channel.py), and what happens when there are more connections than a process
wants. The decision: docs/decisions/0017-buffered-web-worker.md.

Requests for streams are not answered here: their connections are handed over (chirp/handoff.py).
So are requests that would wait while another process is idle (chirp/sharing.py).
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import create_server

from chirp import handoff
from chirp.event_loop import EventLoop
from chirp.frames import in_one_piece
from chirp.sharing import Pool
from chirp.web_channel import BoundedChannel

IDLE_SECONDS = 20  # after which a connection without a request is closed
MOST_HEADER_BYTES = 32 * 1024
MOST_CONNECTIONS = 2_000  # of one process; near it, the oldest without a request are closed
LOOP_SECONDS = 1.0
# How long a process that ends waits for requests on open connections. Their answers say that the
# connection ends, so that no client sends a request into one that is being closed.
LINGER_SECONDS = 1.0

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


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
        self._loop = EventLoop()
        in_one_piece(self._serve)

    def _serve(self) -> None:
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
            map=self._loop,
            sockets=sockets,
            threads=0,
            ident=None,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=5,
            max_request_header_size=MOST_HEADER_BYTES,
            # Whether a proxy's headers are trusted is decided by settings.TRUSTED_PROXIES.
            clear_untrusted_proxy_headers=False,
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
        self._loop.changed(server)  # it may have too many connections, or room again
        self._loop.turn(timeout)
        self.pool.set_idle(self.age, False)
        channel = self._ready()
        if channel is not None:
            self._waiting.remove(channel)
            self._share()
            began = time.monotonic()
            self._answer(channel)
            self._loop.changed(channel)
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
        self._loop.all_changed()  # the server may have decided to close some
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
            self._loop.all_changed()
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
