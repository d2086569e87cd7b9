"""The status of Chirp, for everybody: which parts are up, and whether posts arrive.

Web, relay, workers and scheduler write a heartbeat to Postgres every three seconds
(operations/heartbeat.py): a process that has been silent for nine is away. Postgres, Redis, the
broker and the herd are asked. All of that is one check, which a process makes once a second at
most, however many requests ask for it; a server that hangs is left out.
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

from herd.settings import BadSettings, Server
from operations import gauges, herd
from operations.dashboard import FORGOTTEN_SECONDS, SILENT_SECONDS
from operations.health import redis_answers
from operations.models import Heartbeat
from operations.parallel_checks import ParallelChecks
from outbox import services as outbox
from timelines.metrics import FAN_OUTS

LOOK_SECONDS = 1.0  # with the nine of a silence, nothing is gone for longer than ten unnoticed
PATIENCE = 0.8  # seconds that a look may take
LATE_SECONDS = 10.0  # from when on a post that has not arrived is late
STATES = UP, PARTLY, AWAY, UNKNOWN = "up", "partly", "away", "unknown"
ON_TIME, LATE = "on_time", "late"
POSTS = ON_TIME, LATE, UNKNOWN
VERDICTS = WELL, MOSTLY, UNWELL = "well", "partly", "unwell"
WORKERS = ("worker-fanout", "worker-background")  # of script/run and of the containers


@dataclass(frozen=True, slots=True)
class Part:
    """A part, or a server of the herd, and its state: one of STATES.

    `partly`: it is there, on several machines, and some of them have fallen silent.
    """

    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Status:
    """One look. `waited` is the age, in seconds, of the oldest post that has not arrived
    everywhere: 0 without one, None where nobody can tell. `herd` is None where there is none.
    """

    at: datetime
    parts: tuple[Part, ...]
    waited: float | None
    herd: tuple[Part, ...] | None

    @property
    def posts(self) -> str:
        """Whether posts arrive: one of POSTS."""
        if self.waited is None:
            return UNKNOWN
        return LATE if self.waited > LATE_SECONDS else ON_TIME

    @property
    def verdict(self) -> str:
        """All of it in a word: one of VERDICTS."""
        states = {part.state for part in (*self.parts, *(self.herd or ()))}
        if self.posts != ON_TIME or states & {AWAY, UNKNOWN}:
            return UNWELL
        return MOSTLY if PARTLY in states else WELL

    @property
    def has_database(self) -> bool:
        """Whether Postgres answered."""
        return Part("database", UP) in self.parts


@dataclass(frozen=True, slots=True)
class _Told:
    """What Postgres tells: the ages of the last beats by part, and that of the oldest post."""

    beats: dict[str, list[float]]
    waited: float


class StatusCache:
    """Remembers the last look for a moment. Those who ask meanwhile share it, or wait for it."""

    def __init__(self) -> None:
        self._asking = ParallelChecks()
        self._lock = Lock()
        self._last: Status | None = None
        self._until = 0.0

    def status(self) -> Status:
        """How Chirp is, as of a second ago at most."""
        with self._lock:
            if self._last is None or monotonic() >= self._until:
                self._last = self._look()
                self._until = monotonic() + LOOK_SECONDS
            return self._last

    def forget(self) -> None:
        """Look anew when somebody asks."""
        self._until = 0.0

    def _look(self) -> Status:
        questions: dict[str, Callable[[], Any]] = {
            "database": _told,
            "redis": redis_answers,
            "queue": _queue_answers,
        }
        servers = _servers() if settings.HERD else None
        for server in servers or ():
            questions[_herd_key(server)] = partial(herd.ask, server)
        answers = self._asking.answers(questions, seconds=PATIENCE)
        told: _Told | None = answers.get("database")
        return Status(
            at=datetime.now(UTC),
            parts=tuple(_parts(answers, told)),
            waited=None if told is None else told.waited,
            herd=None if servers is None else _herd(servers, answers),
        )


status_cache = StatusCache()


def _told() -> _Told:
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    beats: dict[str, list[float]] = defaultdict(list)
    for part, instance, ago in Heartbeat.objects.values_list("part", "instance", age):
        beats[_key(part, instance)].append(ago.total_seconds())
    return _Told(dict(beats), outbox.unfinished_seconds(FAN_OUTS))


def _key(part: str, instance: str) -> str:
    """Workers go by their names (`fanout@machine`), all others by what they are."""
    return f"worker-{instance.partition('@')[0]}" if part == "worker" else part


def _queue_answers() -> bool:
    return gauges.waiting() is not None


def _parts(answers: dict[str, Any], told: _Told | None) -> Iterator[Part]:
    """Every part, those that are missing too."""
    beats = {} if told is None else told.beats
    # Whoever asks is being answered: by us.
    yield Part("web", PARTLY if _beating(beats.get("web", [])) == PARTLY else UP)
    yield Part("database", AWAY if told is None else UP)
    yield Part("timelines", UP if answers.get("redis") else AWAY)
    yield Part("queue", UP if answers.get("queue") else AWAY)
    for key in ("relay", *_workers(beats), "scheduler"):
        yield Part(key, UNKNOWN if told is None else _beating(beats.get(key, [])))


def _workers(beats: Iterable[str]) -> list[str]:
    """The names of workers: the usual ones, unless all have names of their own."""
    seen = [key for key in beats if key.startswith("worker-")]
    own = sorted(set(seen) - set(WORKERS))
    return [*(() if own and len(own) == len(seen) else WORKERS), *own]


def _beating(ages: list[float]) -> str:
    """What the last beats of a part's machines, so many seconds ago, say of it."""
    heard = [age for age in ages if age <= SILENT_SECONDS]
    missing = [age for age in ages if SILENT_SECONDS < age <= FORGOTTEN_SECONDS]
    if not heard:
        return AWAY
    return PARTLY if missing else UP


def _servers() -> list[Server]:
    """The herd; nothing where its settings cannot be read, of which the admin says more."""
    try:
        return herd.servers()
    except BadSettings:
        return []


def _herd_key(server: Server) -> str:
    return f"herd {server.name}"


def _herd(servers: list[Server], answers: dict[str, Any]) -> tuple[Part, ...]:
    """The servers by name, in the order of their settings."""
    parts = tuple(Part(one.name, _server(answers.get(_herd_key(one)))) for one in servers)
    return parts or (Part("herd", UNKNOWN),)


def _server(state: herd.State | None) -> str:
    if state is None:  # there was not even time to find out that nobody answers
        return UNKNOWN
    return AWAY if state.said is None else UP
