"""The open connections of this process. Everything here runs in the event loop but `reserve`."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings

from accounts.streams import Opening, TooManyStreams
from chirp.limits.addresses import networks
from streaming import metrics, wire

# What a client may leave unread. A normal event has two kilobytes.
MOST_UNREAD_BYTES = 256 * 1024
MOST = 20_000  # streams of one process: some 20 kilobytes each
RETRY_SECONDS = 30


class Connection:
    """One stream. It is written to directly: nothing waits for a client that reads slowly."""

    __slots__ = (
        "_goodbye",
        "_held",
        "_transport",
        "_wrap",
        "is_socket",
        "opening",
        "reason",
        "streams",
    )

    def __init__(
        self,
        opening: Opening,
        transport: asyncio.Transport,
        *,
        wrap: Callable[[bytes], bytes] = wire.chunk,
        goodbye: bytes = wire.LAST_CHUNK,
    ) -> None:
        self.opening = opening
        self.streams = opening.streams  # of a WebSocket they change
        self.is_socket = wrap is wire.frame
        self.reason = "client"
        self._transport = transport
        self._wrap = wrap
        self._goodbye = goodbye
        self._held: list[bytes] | None = None

    @property
    def user_id(self) -> int:
        """Whose stream this is."""
        return self.opening.who.user_id

    @property
    def is_native(self) -> bool:
        """Whether it speaks the native API: it names positions, and knows `reset`."""
        return self.opening.face == "native"

    def say(self, data: bytes) -> None:
        """Write something to this connection alone, before what is held back."""
        self.write_now(self._wrap(data))

    def write(self, data: bytes) -> None:
        """Write bytes as they go over the wire, after what is held back."""
        if self._held is None:
            self.write_now(data)
        else:
            self._held.append(data)

    def write_now(self, data: bytes) -> None:
        """Write bytes as they go over the wire, before what is held back.

        A client that has too much to read already is cut off.
        """
        if self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
            self.reason = "slow"
            self._transport.abort()

    def hold(self) -> None:
        """Hold back what `write` gets, until `release`."""
        self._held = []

    def release(self) -> None:
        """Write what was held back."""
        held, self._held = self._held or [], None
        for data in held:
            self.write_now(data)

    def end(self, reason: str) -> None:
        """Say goodbye, and close the connection when that is sent."""
        if not self._transport.is_closing():
            self.reason = reason
            self._transport.write(self._goodbye)
            self._transport.close()


class Connections:
    """All connections, by account."""

    def __init__(self) -> None:
        self._by_user: dict[int, set[Connection]] = {}
        self._reserved: Counter[str] = Counter()
        self._reserving = threading.Lock()

    def __iter__(self) -> Iterator[Connection]:
        for some in list(self._by_user.values()):
            yield from list(some)

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def of(self, user_id: int) -> list[Connection]:
        """Return the connections of an account."""
        return list(self._by_user.get(user_id, ()))

    def by_user(self) -> dict[int, list[Connection]]:
        """Return all connections by account, as they are now."""
        return {user_id: list(some) for user_id, some in self._by_user.items()}

    @contextmanager
    def held(self, connection: Connection) -> Iterator[None]:
        """Have the connection among the open ones within the block."""
        metrics.opened.labels(connection.opening.face).inc()
        self._by_user.setdefault(connection.user_id, set()).add(connection)
        try:
            yield
        finally:
            some = self._by_user[connection.user_id]
            some.discard(connection)
            if not some:
                del self._by_user[connection.user_id]
            metrics.closed.labels(connection.reason).inc()

    def reserve(self, *, user_id: int, address: str) -> tuple[str, ...]:
        """Take a place among the streams of an account and of a network. Raises TooManyStreams.

        Returns what `give_back` wants in the end. May be called in any thread.
        """
        most = {
            f"account {user_id}": settings.STREAMS_PER_ACCOUNT,
            f"network {networks(address)[0]}": settings.STREAMS_PER_ADDRESS,
            "all": MOST,
        }
        with self._reserving:
            if any(self._reserved[name] >= limit for name, limit in most.items()):
                raise TooManyStreams(retry_after=RETRY_SECONDS)
            self._reserved.update(most.keys())
        return tuple(most)

    def give_back(self, places: Iterable[str]) -> None:
        """Give places back that `reserve` returned."""
        with self._reserving:
            for name in places:
                self._reserved[name] -= 1
                if self._reserved[name] <= 0:
                    del self._reserved[name]
