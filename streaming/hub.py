"""Follows the live log, and writes to the open streams what it says.

One coroutine takes entries from the log, has them resolved in a thread, and writes the result.
Streams join between two batches, under a lock, so that each entry is either before or after the
position at which a stream joined.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from accounts.signed_in import still_signed_in
from chirp.redis import live_log
from chirp.redis.client import RedisAway
from chirp.redis.live_log import Entry, Follower, Gone, Position
from streaming import metrics, wire
from streaming.connections import Connection, Connections
from streaming.outcome import Outcome
from streaming.readers import Readers
from streaming.resolver import Resolver

log = logging.getLogger(__name__)
T = TypeVar("T")
PAUSE_SECONDS = 0.5  # after a failure of Redis or Postgres
BEAT_SECONDS = 15.0  # between two signs of life, and two looks at who is still signed in
MOST_MISSED = 2_000  # entries after which a client is told to read again
THREADS = 4  # for requests; the log is resolved in one of its own
RESET = wire.chunk(wire.sse("reset", b"{}"))


class Hub:
    """The streams of this process."""

    def __init__(self) -> None:
        self.connections = Connections()
        self.requests = ThreadPoolExecutor(THREADS, "request")
        self._log_thread = ThreadPoolExecutor(1, "live-log")
        self._resolving = ThreadPoolExecutor(1, "resolve")
        self._follower = Follower()
        self._resolver = Resolver()
        self._position: Position | None = None
        self._lock = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow the log."""
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        """End all streams."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self.connections:
            connection.end("stopped")

    async def run(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Run a function that uses Postgres in a thread for requests."""
        return await _in_thread(self.requests, function, *arguments, **options)

    async def join(self, connection: Connection) -> None:
        """Tell a stream, which is among the connections from now on, what it missed."""
        connection.hold()
        async with self._lock:
            now = self._position
        try:
            if connection.opening.after:
                await self._catch_up(connection, now)
            if connection.is_native and now is not None:
                connection.say(wire.position(str(now)))
        finally:
            connection.release()

    async def _catch_up(self, connection: Connection, now: Position | None) -> None:
        try:
            missed = await self.run(_missed, connection.opening.after, now)
        except (Gone, RedisAway):
            metrics.resets.inc()
            connection.say(wire.sse("reset", b"{}"))
            return
        if missed:
            outcome = await self.run(Resolver().resolve, missed, Readers([connection]))
            for number, (data, _) in enumerate(outcome.writes):
                with outcome.sending(number):
                    connection.write_now(data)

    async def _follow(self) -> None:
        is_connected = False
        while True:
            try:
                if not is_connected:
                    await self._connect()
                    is_connected = True
                entries = await _in_thread(self._log_thread, self._follower.read)
                if entries:
                    await self._tell(entries)
            except RedisAway as error:
                log.warning("Streams are silent, Redis is not available: %s", error)
                is_connected = False
                await asyncio.sleep(PAUSE_SECONDS)

    async def _connect(self) -> None:
        if await _in_thread(self._log_thread, self._follower.connect):
            async with self._lock:
                self._position = self._follower.position
                self._reset(self.connections)

    async def _tell(self, entries: Sequence[Entry]) -> None:
        async with self._lock:
            try:
                outcome = await self._resolve(entries)
            except Exception:
                log.exception("Entries of the live log could not be told.")
                self._reset(self.connections)
            else:
                self._write(outcome, entries[-1].position)
                if outcome.check:
                    await self._check(outcome.check)
            self._position = entries[-1].position
        metrics.delay.observe(max(time.time() - _seconds(entries[0].position), 0))

    async def _resolve(self, entries: Sequence[Entry]) -> Outcome:
        """Resolve entries, however long Postgres is away."""
        readers = Readers(self.connections)
        while True:
            try:
                resolve = partial(self._resolver.resolve, entries, readers)
                return await _in_thread(self._resolving, resolve)
            except (DatabaseError, InterfaceError) as error:
                log.warning("Streams are silent, Postgres is not available: %s", error)
                self._resolver.forget(entries)
                await asyncio.sleep(PAUSE_SECONDS)

    def _write(self, outcome: Outcome, position: Position) -> None:
        """Write everything, and to each native client the position behind its last event."""
        last = {
            connection: number
            for number, (_, connections) in enumerate(outcome.writes)
            for connection in connections
            if connection.is_native
        }
        behind = wire.chunk(wire.position(str(position)))
        for number, (data, connections) in enumerate(outcome.writes):
            metrics.writes.inc(len(connections))
            data_and_position = data + behind
            with outcome.sending(number):
                for connection in connections:
                    is_last = last.get(connection) == number
                    connection.write(data_and_position if is_last else data)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            async with self._lock:
                self._say_alive()
            await self._check({each.user_id for each in self.connections})

    def _say_alive(self) -> None:
        position = wire.position(str(self._position)) if self._position else b""
        native, other = wire.chunk(wire.PING + position), wire.chunk(wire.THUMP)
        for connection in self.connections:
            if not connection.is_socket:
                connection.write(native if connection.is_native else other)

    async def _check(self, user_ids: Collection[int]) -> None:
        """End the streams of those who are not signed in any more."""
        some = [each for user_id in user_ids for each in self.connections.of(user_id)]
        if not some:
            return
        try:
            asked = {each.opening.who for each in some}
            valid = await self.run(still_signed_in, asked, now=timezone.now())
        except (DatabaseError, InterfaceError):
            return
        for connection in some:
            if connection.opening.who not in valid:
                connection.end("ended")

    def _reset(self, connections: Iterable[Connection]) -> None:
        """Tell native clients to read again. Others have no word for it: they come back."""
        for connection in connections:
            if connection.is_native:
                metrics.resets.inc()
                connection.write(RESET)
            else:
                connection.end("gap")


def _missed(after: str, now: Position | None) -> list[Entry]:
    """Return the entries after a position that a client named, up to `now`. Raises Gone."""
    position = live_log.parse(after)
    if position is None or now is None or position.incarnation != now.incarnation:
        raise Gone
    entries = live_log.since(position, most=MOST_MISSED)
    return [entry for entry in entries if entry.position.order <= now.order]


def _seconds(position: Position) -> float:
    return position.order[0] / 1000


async def _in_thread(
    pool: ThreadPoolExecutor, function: Callable[..., T], *arguments: Any, **options: Any
) -> T:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool, partial(_clean, function, *arguments, **options))


def _clean(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Run a function, and leave no connection to Postgres behind that cannot be used."""
    close_old_connections()
    try:
        return function(*arguments, **options)
    finally:
        close_old_connections()
