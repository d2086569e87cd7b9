"""Streams that pass through HAProxy: server-sent events, and Mastodon's WebSockets."""

import time
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.stream_client import Listener
from tools.chaos import people
from tools.chaos.faults import NoEffect

SOCKETS = 4
NOTICED_SECONDS = 3.0  # in which each client must learn that its stream ended


class Streams:
    """A stream of each kind for several accounts, all open until the block ends."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.headers = [
            {"Authorization": f"Bearer {token}"} for token in people.access_tokens().values()
        ]
        owners = User.objects.order_by("pk")[:SOCKETS]
        self.tokens = [Mastodon(owner).token for owner in owners]

    def __enter__(self) -> Self:
        self.listeners = [self._listen(headers) for headers in self.headers]
        self.sockets = [self._connect(token) for token in self.tokens]
        for listener in self.listeners:
            listener.wait_id()
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self.listeners:
            listener.close()
        for open_ in self.sockets:
            open_.close()

    @property
    def count(self) -> int:
        """How many streams there are."""
        return len(self.listeners) + len(self.sockets)

    def come_back(self) -> int:
        """Open those again that have ended, and return how many that were.

        Raises NoEffect if one cannot be opened again.
        """
        time.sleep(NOTICED_SECONDS)
        ended = 0
        for place, listener in enumerate(self.listeners):
            if listener.ended:
                last = {"Last-Event-ID": listener.last_id}
                self.listeners[place] = self._listen(self.headers[place] | last)
                ended += 1
        for place, open_ in enumerate(self.sockets):
            if _has_ended(open_):
                self.sockets[place] = self._connect(self.tokens[place])
                ended += 1
        return ended

    def _listen(self, headers: dict[str, str]) -> Listener:
        listener = Listener(self.port, headers)
        if listener.status != 200:
            raise NoEffect(f"A stream was answered {listener.status}: {listener.body!r}")
        return listener

    def _connect(self, token: str) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}/api/v1/streaming?stream=user"
        headers = {"Authorization": f"Bearer {token}"}
        # Without pings of its own, which would log that the connection has ended.
        return connect(address, additional_headers=headers, ping_interval=None)


def _has_ended(socket: ClientConnection) -> bool:
    try:
        socket.ping().wait(NOTICED_SECONDS)
    except ConnectionClosed:
        return True
    return False
