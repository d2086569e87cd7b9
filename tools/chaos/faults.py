"""The faults: what each does to the deployment, for how long, and how its effect is verified."""

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
from tools.chaos.deployment import Deployment
from tools.chaos.load import READING, WRITING

STEP_BACK_SECONDS = 3_600  # longer than any recovery may take
STEP_AHEAD_SECONDS = 40
STEP_TIMEOUT_SECONDS = 10.0
TOLERANCE_SECONDS = 2
UNSENT_SECONDS = 1.0
FRACTION = 0.5
KILL_INTERVAL_SECONDS = 1.0
EVERYTHING = (*WRITING, *READING)


class NoEffect(Exception):
    """The fault was injected but had no visible effect, so the trial proves nothing."""


class NotPossible(Exception):
    """The fault cannot be injected on this machine. The message names what is missing."""


Inject = Callable[[Deployment, float], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. `inject(deployment, seconds)` is a context manager: while its block runs, the
    fault lasts.

    `seconds` and `short` are the durations in the full and in the short run (None: not part of
    the short run). Up to `cuts` connections may break, because the process that answers is killed.
    `fails` are the kinds of requests that may be answered with 503 meanwhile. Answers may come
    `late` seconds later than else. If it `loses`, acknowledged posts may be missing in the end.
    """

    name: str
    inject: Inject
    seconds: float
    short: float | None = None
    cuts: int = 0
    fails: tuple[str, ...] = ()
    late: float = 0.0
    loses: bool = False


# --- Processes of Chirp --------------------------------------------------------------------------


@contextlib.contextmanager
def worker_child_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """A child process of a worker is killed repeatedly; its parent starts another each time."""
    _kill_children(deployment, deployment.workers, seconds)
    yield


@contextlib.contextmanager
def workers_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """All workers are killed, with the tasks that they had taken from the broker."""
    deployment.workers.kill()
    yield


@contextlib.contextmanager
def relay_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The relay is killed, perhaps after sending events and before leasing them."""
    deployment.relay.kill()
    yield


@contextlib.contextmanager
def web_worker_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """One of the two web processes is killed repeatedly, while it answers requests."""
    _kill_children(deployment, deployment.web, seconds)
    yield


def _kill_children(deployment: Deployment, program: Server, seconds: float) -> None:
    """Kill one child process of a program each second."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for child in deployment.children(program)[:1]:
            child.send_signal(signal.SIGKILL)
        time.sleep(KILL_INTERVAL_SECONDS)


# --- The store of the timelines ------------------------------------------------------------------


@contextlib.contextmanager
def store_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Valkey is killed, stays down for the duration, and comes back empty."""
    deployment.store.kill()
    yield
    deployment.store.start()


@contextlib.contextmanager
def store_killed_and_stale(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Valkey is killed and comes back with an old snapshot: its sets lack the newest ids."""
    snapshot = _snapshot(deployment)
    time.sleep(seconds * FRACTION)  # ids pushed from now on are not in the snapshot
    deployment.store.kill()
    try:
        deployment.store.start()
        if not _store().dbsize():
            raise NoEffect("Valkey came back empty.")
        yield
    finally:
        snapshot.unlink()


def _snapshot(deployment: Deployment) -> Path:
    _store().save()
    return run_dir(deployment.var / "store") / "dump.rdb"


@contextlib.contextmanager
def store_paused(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Valkey hangs: connections stay open and nothing answers (SIGSTOP)."""
    deployment.store.pause()
    try:
        yield
    finally:
        deployment.store.resume()


@contextlib.contextmanager
def store_full(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Valkey has no memory left and refuses writes (noeviction)."""
    with _memory("noeviction"):
        before = _refused()
        yield
        if _refused() == before:
            raise NoEffect("Valkey refused nothing.")


@contextlib.contextmanager
def store_evicting(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Valkey has no memory left and evicts timelines (allkeys-lru)."""
    before = _store().info("stats")["evicted_keys"]  # eviction begins at once
    with _memory("allkeys-lru"):
        yield
        if _store().info("stats")["evicted_keys"] == before:
            raise NoEffect("Valkey evicted nothing.")


@contextlib.contextmanager
def _memory(policy: str) -> Iterator[None]:
    """Limit Valkey to less memory than it uses, with this eviction policy."""
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
    """A client without a timeout, unlike the site's."""
    return redis.Redis.from_url(settings.REDIS_URL)


# --- The broker ----------------------------------------------------------------------------------


@contextlib.contextmanager
def broker_down(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The broker is killed with its queues, and stays down while clients post."""
    deployment.broker.kill()
    yield
    deployment.broker.start()


@contextlib.contextmanager
def broker_paused(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The broker hangs: it accepts data and does not answer (SIGSTOP)."""
    deployment.broker.pause()
    try:
        yield
    finally:
        deployment.broker.resume()


# --- Postgres ------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgres_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Postgres and all of its children are killed; it is restarted after half of the duration."""
    deployment.postgres.kill()
    time.sleep(seconds * FRACTION)
    deployment.postgres.start()
    yield


@contextlib.contextmanager
def disk_full(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Postgres cannot extend a table, because its disk is full."""
    if not deployment.disk.is_mounted:
        raise NotPossible("Mounting a small file system is not allowed here.")
    before = _disk_full_errors(deployment.postgres)
    with deployment.disk.full():
        yield
        if _disk_full_errors(deployment.postgres) == before:
            raise NoEffect("Postgres could still write.")
    _restart(deployment.postgres)


@contextlib.contextmanager
def disk_full_for_the_log(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Postgres cannot write its write-ahead log: it stops, and is restarted once there is space."""
    if not deployment.disk.is_mounted:
        raise NotPossible("Mounting a small file system is not allowed here.")
    with deployment.disk.full():
        _exhaust_the_log()
        yield
    _restart(deployment.postgres)


def _exhaust_the_log() -> None:
    """Fill the log files that were allocated in advance, until Postgres cannot create another."""
    with contextlib.suppress(Exception), connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute("SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 1000000))")
            cursor.execute("SELECT pg_switch_wal()")
        raise NoEffect("Postgres could still write its log.")
    connection.close()


def _restart(server: Server) -> None:
    """Restart a server that has stopped by itself, as a process manager would."""
    server.start()


def _disk_full_errors(server: Server) -> int:
    return server.log.read_text(errors="replace").count("No space left on device")


# --- The clock of Postgres -----------------------------------------------------------------------


@contextlib.contextmanager
def clock_back(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The clock of Postgres steps back permanently, while unsent events are in the outbox."""
    deployment.relay.pause()
    try:
        time.sleep(UNSENT_SECONDS)
        _step(deployment, -STEP_BACK_SECONDS)
        if not _unsent_ahead():
            raise NoEffect("No event was unsent when the clock stepped.")
    finally:
        deployment.relay.resume()
    yield


@contextlib.contextmanager
def clock_ahead(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The clock steps ahead and later back: from then on timelines hold ids of the future."""
    _step(deployment, STEP_AHEAD_SECONDS)
    yield
    _step(deployment, -STEP_AHEAD_SECONDS)


def _unsent_ahead() -> int:
    """The number of unsent events that, by the stepped clock, are due only after the fault."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM outbox_event"
            " WHERE attempts = 0 AND due_at > clock_timestamp() + interval '10 minutes'"
        )
        return int(cursor.fetchall()[0][0])


def _step(deployment: Deployment, by: int) -> None:
    if not deployment.clock.can_step:
        raise NotPossible("libfaketime (Debian's package faketime) is not installed.")
    due = _database_seconds() - time.monotonic() + by
    deployment.clock.step(by)
    until = time.monotonic() + STEP_TIMEOUT_SECONDS
    while abs(_database_seconds() - time.monotonic() - due) > TOLERANCE_SECONDS:
        if time.monotonic() > until:
            raise NoEffect("The clock of Postgres did not step.")
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
    Fault("broker away", broker_down, 60, 3),
    Fault("broker paused", broker_paused, 8),
    Fault("postgres killed", postgres_killed, 8, 2, fails=EVERYTHING),
    Fault("disk full", disk_full, 10, fails=WRITING),
    Fault("disk full for the log", disk_full_for_the_log, 8, fails=EVERYTHING),
    Fault("clock steps back", clock_back, 8),
    Fault("clock steps ahead and back", clock_ahead, 8),
]
