"""The live log: what was committed moments ago, for the processes that hold open streams.

It is one stream in Redis, to which relays append events (outbox/services.py), and which every
process with streams follows. Like all data in Redis it may vanish at any time. A position therefore
names the incarnation of the server as well as an entry: if either is not there any more, the log
cannot tell what was missed, and says so.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from chirp.redis.client import Node, RedisAway, guarded, node_of

KEY = "live"
MOST = 20_000  # entries that are kept, about 150 bytes each
AT_ONCE = 500  # entries of one read
WAIT_SECONDS = 1.0  # for which a read waits for an entry
HANGS_SECONDS = 5.0  # after which a server that answers nothing is given up
POSITION = re.compile(r"([0-9a-f]{8})-([0-9]{1,20}-[0-9]{1,20})")
Message = dict[str, Any]


class Position(NamedTuple):
    """A place in the log: the incarnation of the server, and the entry that was read last."""

    incarnation: str
    entry: str

    def __str__(self) -> str:
        return f"{self.incarnation}-{self.entry}"

    @property
    def order(self) -> tuple[int, int]:
        """What orders the entries of one incarnation: milliseconds since 1970, and a number."""
        milliseconds, _, number = self.entry.partition("-")
        return int(milliseconds), int(number)


class Entry(NamedTuple):
    """A message, and its position."""

    position: Position
    message: Message


class Gone(Exception):
    """The log does not reach back to a position: what was missed since then is unknown."""


def parse(text: str) -> Position | None:
    """Return a position from its text, or None if the text is not one."""
    found = POSITION.fullmatch(text)
    return Position(found[1], found[2]) if found else None


def append(messages: Sequence[Message]) -> None:
    """Append messages in one round trip. Raises RedisAway."""
    commands = [
        ("XADD", KEY, "MAXLEN", "~", MOST, "*", "m", json.dumps(message, separators=(",", ":")))
        for message in messages
    ]
    with guarded():
        node_of(KEY).run(lambda _: commands)


def since(position: Position, *, most: int) -> list[Entry]:
    """Return the entries after a position, oldest first.

    Raises Gone if the log does not reach back to it, or if there are more than `most`, and
    RedisAway.
    """
    incarnation = ""

    def commands(now: str) -> list[tuple[str | int, ...]]:
        nonlocal incarnation
        incarnation = now
        return [("XRANGE", KEY, position.entry, "+", "COUNT", most + 2)]

    with guarded():
        (rows,) = node_of(KEY).run(commands)
    found = _entries(incarnation, rows)
    if not found or found[0].position != position or len(found) > most + 1:
        raise Gone
    return found[1:]


class Follower:
    """Follows the log on a connection of its own. For one thread."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self._node: Node | None = None
        self._connection: Any = None

    def connect(self) -> bool:
        """Connect, and return whether entries may have been missed. Raises RedisAway.

        This is so at the first time, and whenever the server is another one than before.
        """
        self.close()
        with guarded():
            self._node = node_of(KEY)
            self._connection = self._node.client.connection_pool.get_connection()
            incarnation = self._connection.incarnation
            if self.position is not None and self.position.incarnation == incarnation:
                return False
            self.position = Position(incarnation, self._last_entry())
            return True

    def read(self) -> list[Entry]:
        """Return the next entries, oldest first; none if there are none for WAIT_SECONDS.

        Raises RedisAway. Call `connect` then.
        """
        assert self.position is not None
        with guarded():
            wait = round(WAIT_SECONDS * 1000)
            self._send(
                "XREAD", "COUNT", AT_ONCE, "BLOCK", wait, "STREAMS", KEY, self.position.entry
            )
            if not self._connection.can_read(timeout=HANGS_SECONDS):
                raise TimeoutError("Redis hangs.")
            streams = self._connection.read_response() or []
        found = [each for _, rows in streams for each in _entries(self.position.incarnation, rows)]
        if found:
            self.position = found[-1].position
        return found

    def close(self) -> None:
        """Give the connection back. What it may still answer is of no interest."""
        if self._node is not None and self._connection is not None:
            self._connection.disconnect()
            self._node.client.connection_pool.release(self._connection)
        self._node = self._connection = None

    def _last_entry(self) -> str:
        """Return the last entry. An empty log gets one, so that there is a position in it."""
        self._send("XREVRANGE", KEY, "+", "-", "COUNT", 1)
        if rows := self._connection.read_response():
            return str(rows[0][0].decode())
        self._send("XADD", KEY, "*", "m", "{}")
        return str(self._connection.read_response().decode())

    def _send(self, *command: str | int) -> None:
        self._connection.send_command(*command)


def _entries(incarnation: str, rows: Sequence[Any]) -> list[Entry]:
    return [
        Entry(Position(incarnation, entry.decode()), json.loads(fields[1]))
        for entry, fields in rows
    ]


__all__ = ["Entry", "Follower", "Gone", "Position", "RedisAway", "append", "parse", "since"]
