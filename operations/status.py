"""The public status of Chirp: which components are up, and whether posts are delivered.

The heartbeats of web processes, relays, workers and the scheduler are in Postgres
(operations/heartbeat.py); a process that has been silent for nine seconds is down. Postgres, Redis,
the broker and the location servers are queried. All of this is one status check, which a process
runs once a second at most, regardless of the number of requests; a server that hangs is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from chirp.db import replicas
from herd.settings import BadSettings, Server
from operations import gauges, herd
from operations.dashboard import REMOVED_SECONDS, SILENT_SECONDS
from operations.health import redis_answers
from operations.models import Heartbeat
from operations.parallel_checks import ParallelChecks
from outbox import services as outbox
from timelines.metrics import FAN_OUTS

CACHE_SECONDS = 1.0  # with the nine seconds of silence, a failure is noticed within ten seconds
TIMEOUT = 0.8  # seconds that a status check may take
LATE_SECONDS = 10.0  # a post that has been waiting for longer is late
STATES = UP, PARTLY, AWAY, UNKNOWN = "up", "partly", "away", "unknown"
ON_TIME, LATE = "on_time", "late"
POSTS = ON_TIME, LATE, UNKNOWN
VERDICTS = WELL, DEGRADED, UNWELL = "well", "partly", "unwell"
WORKERS = ("worker-fanout", "worker-background")  # the workers of script/run and of the containers


@dataclass(frozen=True, slots=True)
class Part:
    """A component or a location server, and its state: one of STATES.

    `partly` means that it runs on several machines, and some of them have fallen silent.
    """

    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Status:
    """The result of a status check.

    `waited` is the age in seconds of the oldest post that is not delivered to all timelines: 0 if
    there is none, None if unknown. `herd` is None if no location servers are configured.
    """

    at: datetime
    parts: tuple[Part, ...]
    waited: float | None
    herd: tuple[Part, ...] | None

    @property
    def posts(self) -> str:
        """Whether posts are delivered in time: one of POSTS."""
        if self.waited is None:
            return UNKNOWN
        return LATE if self.waited > LATE_SECONDS else ON_TIME

    @property
    def verdict(self) -> str:
        """The overall status: one of VERDICTS."""
        states = {part.state for part in (*self.parts, *(self.herd or ()))}
        if self.posts != ON_TIME or states & {AWAY, UNKNOWN}:
            return UNWELL
        return DEGRADED if PARTLY in states else WELL

    @property
    def has_database(self) -> bool:
        """Whether Postgres answered."""
        return Part("database", UP) in self.parts

    @property
    def has_copies(self) -> bool:
        """Whether replicas of Postgres answered."""
        return not {Part("replicas", UP), Part("replicas", PARTLY)}.isdisjoint(self.parts)


@dataclass(frozen=True, slots=True)
class _DatabaseRecords:
    """Data from Postgres: ages of heartbeats by component, and of the oldest waiting post.

    All ages are in seconds.
    """

    heartbeats: dict[str, list[float]]
    waited: float


class StatusCache:
    """Caches the last status check. Concurrent callers share it, or wait for the one running."""

    def __init__(self) -> None:
        self._checks = ParallelChecks()
        self._lock = Lock()
        self._last: Status | None = None
        self._expires = 0.0

    def status(self) -> Status:
        """The status of Chirp, CACHE_SECONDS old at most."""
        with self._lock:
            if self._last is None or monotonic() >= self._expires:
                self._last = self._check()
                self._expires = monotonic() + CACHE_SECONDS
            return self._last

    def clear(self) -> None:
        """Expire the cached status, so that the next call runs a new check."""
        self._expires = 0.0

    def _check(self) -> Status:
        checks: dict[str, Callable[[], Any]] = {
            "database": _read_records,
            "redis": redis_answers,
            "queue": _broker_answers,
        }
        if settings.DATABASE_REPLICAS:
            checks["replicas"] = replicas.answering
        servers = _servers() if settings.HERD else None
        for server in servers or ():
            checks[_herd_key(server)] = partial(herd.state, server)
        results = self._checks.answers(checks, seconds=TIMEOUT)
        records: _DatabaseRecords | None = results.get("database")
        return Status(
            at=datetime.now(UTC),
            parts=tuple(_parts(results, records)),
            waited=None if records is None else records.waited,
            herd=None if servers is None else _herd(servers, results),
        )


status_cache = StatusCache()


def _read_records() -> _DatabaseRecords:
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    ages: dict[str, list[float]] = defaultdict(list)
    for part, instance, ago in Heartbeat.objects.values_list("part", "instance", age):
        ages[_key(part, instance)].append(ago.total_seconds())
    return _DatabaseRecords(dict(ages), outbox.unfinished_seconds(FAN_OUTS))


def _key(part: str, instance: str) -> str:
    """The key of a component. Each worker name (`fanout@machine`) has its own."""
    return f"worker-{instance.partition('@')[0]}" if part == "worker" else part


def _broker_answers() -> bool:
    return gauges.queued_messages() is not None


def _parts(results: dict[str, Any], records: _DatabaseRecords | None) -> Iterator[Part]:
    """All components, including missing ones."""
    ages = {} if records is None else records.heartbeats
    # This process is serving a request, so the web component is up, if not completely.
    yield Part("web", PARTLY if _state(ages.get("web", [])) == PARTLY else UP)
    yield Part("database", AWAY if records is None else UP)
    if settings.DATABASE_REPLICAS:
        yield Part("replicas", _replicas(results.get("replicas", 0)))
    yield Part("timelines", UP if results.get("redis") else AWAY)
    yield Part("queue", UP if results.get("queue") else AWAY)
    for key in ("relay", *_workers(ages), "scheduler", "stream"):
        yield Part(key, UNKNOWN if records is None else _state(ages.get(key, [])))


def _replicas(answering: int) -> str:
    if not answering:
        return AWAY
    return UP if answering == len(settings.DATABASE_REPLICAS) else PARTLY


def _workers(keys: Iterable[str]) -> list[str]:
    """The keys of workers. The default WORKERS are left out if all workers have other names."""
    seen = [key for key in keys if key.startswith("worker-")]
    custom = sorted(set(seen) - set(WORKERS))
    return [*(() if custom and len(custom) == len(seen) else WORKERS), *custom]


def _state(ages: list[float]) -> str:
    """The state of a component, from the ages of its machines' last heartbeats in seconds."""
    alive = [age for age in ages if age <= SILENT_SECONDS]
    missing = [age for age in ages if SILENT_SECONDS < age <= REMOVED_SECONDS]
    if not alive:
        return AWAY
    return PARTLY if missing else UP


def _servers() -> list[Server]:
    """The location servers; empty if the settings cannot be read: the admin shows the error."""
    try:
        return herd.servers()
    except BadSettings:
        return []


def _herd_key(server: Server) -> str:
    return f"herd {server.name}"


def _herd(servers: list[Server], results: dict[str, Any]) -> tuple[Part, ...]:
    """The location servers, in the order of their settings."""
    parts = tuple(
        Part(server.name, _server_state(results.get(_herd_key(server)))) for server in servers
    )
    return parts or (Part("herd", UNKNOWN),)


def _server_state(state: herd.State | None) -> str:
    if state is None:  # the status check ended before the server was known to be down
        return UNKNOWN
    return AWAY if state.report is None else UP
