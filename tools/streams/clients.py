"""Thousands of clients of streams in one process, which note when they heard of a tweet."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HEARD = re.compile(rb'^data: \{"id":"(\d+)"', re.MULTILINE)
AT_ONCE = 200  # connections that are being opened


@dataclass(eq=False)
class Client(asyncio.Protocol):
    """One stream. `heard` are the moments at which tweets came, by id."""

    token: str
    heard: dict[int, float] = field(default_factory=dict)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n"
            % self.token.encode()
        )

    def data_received(self, data: bytes) -> None:
        """Note when a tweet came. Events come whole: the server writes them at once."""
        if b"event: home" in data:
            now = time.monotonic()
            for found in HEARD.findall(data):
                self.heard.setdefault(int(found), now)
        if not self.opened.is_set() and b"\nid: " in data:
            self.opened.set()


async def open_all(url: str, tokens: list[str]) -> list[Client]:
    """Return a client with an open stream for each token."""
    address, loop = urlsplit(url), asyncio.get_running_loop()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(token: str) -> Client:
        client = Client(token)
        async with gate:
            await loop.create_connection(lambda: client, address.hostname or "", address.port or 80)
            await asyncio.wait_for(client.opened.wait(), 120)
        return client

    return await asyncio.gather(*map(one, tokens))
