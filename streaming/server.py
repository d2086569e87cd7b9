"""uvicorn, with connections that a web process hands over, and an end that waits for no stream."""

import asyncio
import contextlib
import logging
import resource
import socket
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chirp import handoff
from streaming.app import Application
from streaming.hub import Hub

log = logging.getLogger(__name__)
BACKLOG = 4096
STOP_SECONDS = 3
Address = tuple[str, int]
PING_SECONDS = 30.0


class Protocol(HttpToolsProtocol):
    """A connection whose transport the application may write to (streaming/connections.py)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app_state = {**self.app_state, "transport": lambda: self.transport}


class Server(uvicorn.Server):
    """Serves handed-over connections, and those of an address of its own if there is one."""

    def __init__(
        self, application: Application, path: Path, address: tuple[str, int] | None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=Protocol,
                ws="websockets-sansio",
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PING_SECONDS,
                ws_per_message_deflate=False,  # frames are written as they are, for all alike
                ws_max_size=16 * 1024,
                lifespan="off",
                log_config=None,
                access_log=False,
                # Django's settings decide whether to trust a proxy's headers.
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=STOP_SECONDS,
                timeout_keep_alive=1,
            )
        )
        self._application = application
        self._path = path
        self._address = address
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the hub, then listen."""
        self._application.hub = Hub()
        self._application.hub.start()
        _raise_limit()
        own = [_bound(self._address)] if self._address else []
        await super().startup(sockets=own)
        self._listener = _listening(self._path)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._take, args=(loop,), name="handoff", daemon=True).start()
        log.info("Serving streams at %s.", self._address or self._path)

    async def main_loop(self) -> None:
        """Wait for a signal. uvicorn would look for one ten times a second."""
        self._loop, self._signalled = asyncio.get_running_loop(), asyncio.Event()
        if not await self.on_tick(0):
            await self._signalled.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, because of a signal."""
        super().handle_exit(sig, frame)
        if self._loop:
            self._loop.call_soon_threadsafe(self._signalled.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all streams, which would never end by themselves, then stop."""
        self._path.unlink(missing_ok=True)
        self._listener.close()
        await self._application.hub.stop()
        await super().shutdown(sockets=sockets)
        # uvicorn would die of the signal now, and the exit handlers (heartbeats) would not run.
        self._captured_signals.clear()

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return  # closed: this process stops
            if taken := handoff.take(peer):
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    asyncio.run_coroutine_threadsafe(self._adopt(*taken), loop)

    async def _adopt(self, connection: socket.socket, head: bytes) -> None:
        """Serve a connection whose first request was read by the web process."""
        connection.setblocking(False)
        made: list[Protocol] = []

        def protocol() -> Protocol:
            made.append(Protocol(self.config, self.server_state, self.lifespan.state))
            return made[0]

        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(protocol, connection)
        made[0].data_received(head)


def _bound(address: Address) -> socket.socket:
    return socket.create_server(address, backlog=BACKLOG)


def _listening(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(BACKLOG)
    return listener


def _raise_limit() -> None:
    """Allow as many open files as this process may have: each stream is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
