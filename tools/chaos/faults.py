"""The faults: what is done to the house, for how long, and how one knows that it hurt."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from chirp.embedded_urls import run_dir
from runner.embedded import Server
from tools.chaos.clock import CACHED_SECONDS
from tools.chaos.house import House
from tools.chaos.load import READING, WRITING

STEP_BACK_SECONDS = 3_600  # longer than anything may take to heal
STEP_AHEAD_SECONDS = 40
STEP_IS_SEEN_SECONDS = 10.0
TOLERANCE_SECONDS = 2
UNSENT_SECONDS = 1.0
FRACTION = 0.5
KILLED_EACH_SECONDS = 1.0
EVERYTHING = (*WRITING, *READING)


class DidNotBite(Exception):
    """The fault was put in, and nothing of it was to be seen: it proves nothing."""


class NotHere(Exception):
    """This machine does not allow the fault; the message says what is missing."""


Inject = Callable[[House, float], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. `inject(house, seconds)` is a context: the fault lasts as long as its block.

    `seconds` and `short` are how long it lasts, in full and in the short form (None: not in
    that one). `cuts` connections may break, because the process that answers them is killed.
    `fails` says what cannot go on, and may be refused cleanly: nothing, writing, or everything.
    """

    name: str
    inject: Inject
    seconds: float
    short: float | None = None
    cuts: int = 0
    fails: tuple[str, ...] = ()


# --- Processes of ours ---------------------------------------------------------------------------


@contextlib.contextmanager
def worker_child_killed(house: House, seconds: float) -> Iterator[None]:
    """A worker's process dies, again and again; its parent starts another each time."""
    _kill_children(house, house.workers, seconds)
    yield


@contextlib.contextmanager
def workers_killed(house: House, seconds: float) -> Iterator[None]:
    """All workers die with what they had taken from the broker."""
    house.workers.kill()
    yield


@contextlib.contextmanager
def relay_killed(house: House, seconds: float) -> Iterator[None]:
    """The relay dies, perhaps between sending and noting that it sent."""
    house.relay.kill()
    yield


@contextlib.contextmanager
def web_worker_killed(house: House, seconds: float) -> Iterator[None]:
    """One of two web processes dies while it answers, again and again."""
    _kill_children(house, house.web, seconds)
    yield


def _kill_children(house: House, program: Server, seconds: float) -> None:
    """Kill one of a program's processes each second."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for child in house.children(program)[:1]:
            child.send_signal(signal.SIGKILL)
        time.sleep(KILLED_EACH_SECONDS)


# --- The store of the timelines ------------------------------------------------------------------


@contextlib.contextmanager
def store_killed(house: House, seconds: float) -> Iterator[None]:
    """Valkey dies, stays away for a while, and comes back empty."""
    house.store.kill()
    yield
    house.store.start()


@contextlib.contextmanager
def store_killed_and_stale(house: House, seconds: float) -> Iterator[None]:
    """Valkey dies and comes back with what it held some seconds before: sets with holes."""
    snapshot = _snapshot(house)
    time.sleep(seconds * FRACTION)  # what is pushed now is not in the snapshot
    house.store.kill()
    try:
        house.store.start()
        if not _store().dbsize():
            raise DidNotBite("Valkey came back empty.")
        yield
    finally:
        snapshot.unlink()


def _snapshot(house: House) -> Path:
    _store().save()
    return run_dir(house.var / "store") / "dump.rdb"


@contextlib.contextmanager
def store_paused(house: House, seconds: float) -> Iterator[None]:
    """Valkey is so slow that it does not answer at all (SIGSTOP)."""
    house.store.pause()
    try:
        yield
    finally:
        house.store.resume()


@contextlib.contextmanager
def store_full(house: House, seconds: float) -> Iterator[None]:
    """Valkey has no memory left, and refuses to write (noeviction)."""
    with _memory("noeviction"):
        before = _refused()
        yield
        if _refused() == before:
            raise DidNotBite("Valkey refused nothing.")


@contextlib.contextmanager
def store_evicting(house: House, seconds: float) -> Iterator[None]:
    """Valkey has no memory left, and throws timelines away (allkeys-lru)."""
    before = _store().info("stats")["evicted_keys"]  # it begins at once
    with _memory("allkeys-lru"):
        yield
        if _store().info("stats")["evicted_keys"] == before:
            raise DidNotBite("Valkey threw nothing away.")


@contextlib.contextmanager
def _memory(policy: str) -> Iterator[None]:
    """Less memory than what is used."""
    store = _store()
    store.config_set("maxmemory-policy", policy)
    store.config_set("maxmemory", int(store.info("memory")["used_memory"] * 0.9))
    try:
        yield
    finally:
        store.config_set("maxmemory", 0)


def _refused() -> int:
    errors: dict[str, Any] = _store().info("errorstats")
    return int(errors.get("errorstat_OOM", {"count": 0})["count"])


def _store() -> "redis.Redis":
    """A client that waits, unlike the site's."""
    return redis.Redis.from_url(settings.REDIS_URL)


# --- The broker ----------------------------------------------------------------------------------


@contextlib.contextmanager
def broker_away(house: House, seconds: float) -> Iterator[None]:
    """The broker dies with its queues, and is away while people go on posting."""
    house.broker.kill()
    yield
    house.broker.start()


@contextlib.contextmanager
def broker_paused(house: House, seconds: float) -> Iterator[None]:
    """The broker takes what it is sent and does not answer (SIGSTOP)."""
    house.broker.pause()
    try:
        yield
    finally:
        house.broker.resume()


# --- Postgres ------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgres_killed(house: House, seconds: float) -> Iterator[None]:
    """Postgres and all of its children die; it comes back after half of the time."""
    house.postgres.kill()
    time.sleep(seconds * FRACTION)
    house.postgres.start()
    yield


@contextlib.contextmanager
def disk_full(house: House, seconds: float) -> Iterator[None]:
    """Postgres finds no room for another page of a table."""
    if not house.disk.is_small:
        raise NotHere("Mounting a small file system is not allowed here.")
    before = _complaints(house.postgres)
    with house.disk.full():
        yield
        if _complaints(house.postgres) == before:
            raise DidNotBite("Postgres found room.")
    _start_again(house.postgres)


@contextlib.contextmanager
def disk_full_for_the_log(house: House, seconds: float) -> Iterator[None]:
    """Postgres finds no room for its write-ahead log: it gives up, and starts when there is."""
    if not house.disk.is_small:
        raise NotHere("Mounting a small file system is not allowed here.")
    with house.disk.full():
        _use_up_the_log()
        yield
    _start_again(house.postgres)


def _use_up_the_log() -> None:
    """Go through the files that were made in advance, until Postgres cannot make another."""
    with contextlib.suppress(Exception), connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute("SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 1000000))")
            cursor.execute("SELECT pg_switch_wal()")
        raise DidNotBite("Postgres found room for its log.")
    connection.close()


def _start_again(server: Server) -> None:
    """As a process manager would, when it has given up."""
    server.start()


def _complaints(server: Server) -> int:
    return server.log.read_text(errors="replace").count("No space left on device")


# --- The clock that makes ids --------------------------------------------------------------------


@contextlib.contextmanager
def clock_back(house: House, seconds: float) -> Iterator[None]:
    """The clock of Postgres steps back, for good, while events wait that no relay has sent."""
    house.relay.pause()
    try:
        time.sleep(UNSENT_SECONDS)
        _step(house, -STEP_BACK_SECONDS)
        if not _waiting_ahead():
            raise DidNotBite("Nothing was waiting when the clock stepped.")
    finally:
        house.relay.resume()
    yield


@contextlib.contextmanager
def clock_ahead(house: House, seconds: float) -> Iterator[None]:
    """It steps ahead, and back at the end: ids of the future are in the timelines from then on."""
    _step(house, STEP_AHEAD_SECONDS)
    yield
    _step(house, -STEP_AHEAD_SECONDS)


def _waiting_ahead() -> int:
    """Events of before the step: by the clock as it is now they are due long after the fault."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM outbox_event"
            " WHERE attempts = 0 AND due_at > clock_timestamp() + interval '10 minutes'"
        )
        return int(cursor.fetchall()[0][0])


def _step(house: House, by: int) -> None:
    if not house.clock.can_step:
        raise NotHere("libfaketime (Debian's package faketime) is not installed.")
    due = _database_seconds() - time.monotonic() + by
    house.clock.step(by)
    until = time.monotonic() + STEP_IS_SEEN_SECONDS
    while abs(_database_seconds() - time.monotonic() - due) > TOLERANCE_SECONDS:
        if time.monotonic() > until:
            raise DidNotBite("The clock of Postgres did not step.")
        time.sleep(CACHED_SECONDS)


def _database_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchall()[0][0])


FAULTS = [
    Fault("worker child killed", worker_child_killed, 6, 1.5),
    Fault("workers killed", workers_killed, 8),
    Fault("relay killed", relay_killed, 6),
    Fault("web worker killed", web_worker_killed, 6, 1.5, cuts=6),
    Fault("store killed, comes back empty", store_killed, 8, 2),
    Fault("store killed, comes back stale", store_killed_and_stale, 8, 2),
    Fault("store paused", store_paused, 8, 2),
    Fault("store full, refuses", store_full, 8, 2),
    Fault("store full, evicts", store_evicting, 8),
    Fault("broker away", broker_away, 60, 3),
    Fault("broker paused", broker_paused, 8),
    Fault("postgres killed", postgres_killed, 8, 2, fails=EVERYTHING),
    Fault("disk full", disk_full, 10, fails=WRITING),
    Fault("disk full for the log", disk_full_for_the_log, 8, fails=EVERYTHING),
    Fault("clock steps back", clock_back, 8),
    Fault("clock steps ahead and back", clock_ahead, 8),
]
