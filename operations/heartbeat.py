"""Heartbeats of processes, and samples of their metrics, written to Postgres periodically.

Each web process, worker, relay and scheduler touches a file of its own every second. One process of
each machine, which holds a lock, writes all that is recent to Postgres: the others need no
connection for it. It keeps its own: a new one every three seconds cost Postgres more than all else
that an idle site asks. When the holder dies or hangs, another takes over.

The web processes of a machine are numbered: each takes the first number whose lock is free, so one
that replaces another which was killed has its number and its row.
"""

import atexit
import fcntl
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import IO

import psutil
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from chirp.db import statement_timeout
from chirp.observability import metrics, metrics_server
from chirp.version import VERSION
from operations import gauges
from operations.models import Heartbeat, Sample

log = logging.getLogger(__name__)
TOUCH_SECONDS = 1.0
HEARTBEAT_SECONDS = 3.0
SAMPLE_SECONDS = 10
HANGS_SECONDS = 3 * HEARTBEAT_SECONDS  # a lock or file not renewed for so long does not count
RETENTION = timedelta(hours=1)
INSTANCE_LENGTH = 128


def start(part: str, instance: str = "") -> None:
    """Start heartbeats and samples in background threads, until the process ends.

    `part` is the kind of process. `instance` is the name of a worker; it defaults to the name of
    the machine. From now on its statements have the timeout of that kind.
    """
    if settings.METRICS_PORT:
        metrics_server.start(port=settings.METRICS_PORT)
    _start_all(HeartbeatJob(part, instance or socket.gethostname()))


def start_web(idle_seconds: Callable[[], float]) -> None:
    """Start the heartbeat of one of the web processes of this machine. See `start`.

    `idle_seconds` is for how long its loop has not come round: a view may hang while threads run.
    """
    _start_all(_numbered("web", idle_seconds))


def forget_web() -> None:
    """Forget the web processes of this machine: none is left."""
    for path in settings.METRICS_DIR.glob("web-*.heartbeat") if settings.METRICS_DIR else ():
        path.unlink(missing_ok=True)
    connection.close()
    try:
        ours = Heartbeat.objects.filter(instance__startswith=f"{socket.gethostname()} ")
        ours.filter(part="web").delete()
    except DatabaseError as error:
        log.debug("Postgres did not remove the last heartbeats: %s", error)


def _start_all(heartbeat: "HeartbeatJob") -> None:
    statement_timeout.process_is(heartbeat.part)
    for job in (heartbeat, Recorder(heartbeat)):
        _start(job)
    atexit.register(heartbeat.leave)


def _numbered(part: str, idle_seconds: Callable[[], float]) -> "HeartbeatJob":
    """The heartbeat with the first number that no other process of this machine has."""
    jobs = (
        HeartbeatJob(part, f"{socket.gethostname()} {number}", idle_seconds) for number in count(1)
    )
    return next(job for job in jobs if job.holds_lock())


def start_another(part: str) -> None:
    """Start the heartbeat of another part whose work this process does as well. See `start`."""
    heartbeat = HeartbeatJob(part, socket.gethostname())
    _start(heartbeat)
    atexit.register(heartbeat.leave)


def _start(job: "PeriodicJob") -> None:
    threading.Thread(target=job.run, name="heartbeat", daemon=True).start()


class PeriodicJob:
    """A job that runs every TOUCH_SECONDS in one process of each machine."""

    lock: str
    hangs_seconds = HANGS_SECONDS
    keeps_connection = False  # between two runs

    def __init__(self) -> None:
        self._lock_file: IO[str] | None = None

    def run(self) -> None:
        """Run the job in an endless loop. Failures are logged, and the next run tries again."""
        while True:
            self.turn()
            time.sleep(TOUCH_SECONDS)

    def turn(self) -> None:
        """Run the job if this process is the one that does. Raises nothing."""
        keeps_connection = self.keeps_connection
        try:
            if self.is_active():
                self.run_once()
        except DatabaseError as error:
            log.debug("Postgres did not accept a heartbeat or sample: %s", error)
            keeps_connection = False
        except Exception:  # the thread must go on, or a live process would look dead
            log.exception("A heartbeat or sample failed.")
            keeps_connection = False
        if not keeps_connection:
            connection.close()

    def run_once(self) -> None:
        """Do the work once. Must be idempotent: two processes may run it at the same time."""
        raise NotImplementedError

    def is_active(self) -> bool:
        """Whether this process is the one of its machine that runs the job. Renews its lock.

        The lock is released when its holder dies. A process that hangs keeps the lock without
        renewing it; then all other processes run the job.
        """
        if settings.METRICS_DIR is None:
            return True
        path = settings.METRICS_DIR / f"{self.lock}.lock"
        return self.holds_lock() or time.time() - path.stat().st_mtime > self.hangs_seconds

    def holds_lock(self) -> bool:
        """Whether this process has the lock, which it takes if it is free, and renews."""
        if settings.METRICS_DIR is None:
            return True
        path = settings.METRICS_DIR / f"{self.lock}.lock"
        if self._lock_file is None:
            self._lock_file = _try_lock(path)
        if self._lock_file is not None:
            os.utime(path)
        return self._lock_file is not None


def _try_lock(path: Path) -> IO[str] | None:
    """The locked file, or None if another process holds the lock."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class HeartbeatJob(PeriodicJob):
    """Touches the file of a process, and removes it and its row when the process stops."""

    def __init__(
        self, part: str, instance: str, idle_seconds: Callable[[], float] = lambda: 0.0
    ) -> None:
        super().__init__()
        self.part, self.instance = part, instance[:INSTANCE_LENGTH]
        self.lock = f"{part}-{self.instance}".replace("/", "-").replace(" ", "-")
        self._process = os.getpid()
        self._idle_seconds = idle_seconds
        self.since = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
        self._writing = threading.Lock()
        self._stopped = False

    @property
    def path(self) -> Path | None:
        """The file, or None if the processes of this machine share no directory."""
        return settings.METRICS_DIR and settings.METRICS_DIR / f"{self.lock}.heartbeat"

    def run_once(self) -> None:
        """Touch the file, unless the process is stopping."""
        with self._writing:
            if self.path and not self._stopped:
                self._touch(self.path)

    def _touch(self, path: Path) -> None:
        last = time.time() - self._idle_seconds()
        try:
            os.utime(path, (last, last))
        except FileNotFoundError:
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps([self.part, self.instance, VERSION, str(self.since)]))
            os.utime(draft, (last, last))
            draft.rename(path)

    def rows(self) -> list[Heartbeat]:
        """The heartbeat of this process, as of now; none if it is stopping."""
        if self._stopped:
            return []
        age = self._idle_seconds()
        return [_heartbeat(self.part, self.instance, VERSION, self.since, age=age)]

    def leave(self) -> None:
        """Remove the row, because this process stops as intended and is not missing.

        If another process of this machine has the same row, its next heartbeat restores it.
        """
        # A forked child inherits the exit handler, but the row belongs to its parent.
        is_ours = os.getpid() == self._process and self.is_active()
        if not is_ours or not _recording.acquire(timeout=HEARTBEAT_SECONDS):
            return
        try:
            with self._writing:
                self._stopped = True
            # The file first: see `Recorder._record`.
            if self.path:
                self.path.unlink(missing_ok=True)
            connection.close()
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except DatabaseError as error:
            log.debug("Postgres did not remove the last heartbeat: %s", error)
        finally:
            _recording.release()


# Held while the rows of this machine are written: a process that stops may be the one that does.
_recording = threading.Lock()


class Recorder(PeriodicJob):
    """Records the heartbeats of this machine, of Redis and of the broker, and takes samples.

    It writes when files were touched, so a process that dies is noticed as soon as if it wrote that
    itself. While the recorder hangs, no process of its machine may look dead: another one replaces
    it before rows are older than HANGS_SECONDS.
    """

    lock = "recorder"
    hangs_seconds = 1.5 * HEARTBEAT_SECONDS

    def __init__(self, own: HeartbeatJob) -> None:
        super().__init__()
        self._own = own
        # A worker forks, and its children must not inherit an open connection.
        self.keeps_connection = own.part != "worker"
        self._files: set[Path] = set()
        self._recorded = float("-inf")
        self._sampled = 0

    def run_once(self) -> None:
        """Record what is due: every HEARTBEAT_SECONDS, and at once if a process has begun."""
        files = set(settings.METRICS_DIR.glob("*.heartbeat")) if settings.METRICS_DIR else set()
        is_due = time.monotonic() - self._recorded >= HEARTBEAT_SECONDS - TOUCH_SECONDS / 2
        if not is_due and files <= self._files:
            return
        self._files, self._recorded = files, time.monotonic()
        with _recording:
            self._record(files)
        for server, gauge in gauges.SERVERS.items():
            if gauge() is not None:
                record(server)
        now = int(time.time()) // SAMPLE_SECONDS * SAMPLE_SECONDS
        if now != self._sampled:
            self._sampled = now
            sample(at=datetime.fromtimestamp(now, UTC), instance=socket.gethostname())

    def _record(self, files: set[Path]) -> None:
        rows = {path: row for path in files if (row := _read(path))}
        # Rows in the same order everywhere: two processes may write them at the same time.
        found = list(rows.values()) if settings.METRICS_DIR else self._own.rows()
        _upsert(sorted(found, key=lambda row: (row.part, row.instance)))
        # A process that stops removes its file, and then its row. If it did so after the file was
        # read, the row must not come back.
        for path, row in rows.items():
            if not path.exists():
                Heartbeat.objects.filter(part=row.part, instance=row.instance).delete()


def _read(path: Path) -> Heartbeat | None:
    """The heartbeat that a file tells of; None if it is old or has been removed."""
    try:
        age = max(0.0, time.time() - path.stat().st_mtime)
        part, instance, version, since = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    if age > HANGS_SECONDS:
        return None
    return _heartbeat(part, instance, version, datetime.fromisoformat(since), age=age)


def record(part: str, instance: str = "", *, since: datetime | None = None) -> None:
    """Insert or update the heartbeat of a component, with the time of Postgres.

    `since` is when a process of Chirp started, and None for a server.
    """
    _upsert([_heartbeat(part, instance, VERSION if since else "", since)])


def _heartbeat(
    part: str, instance: str, version: str, since: datetime | None, *, age: float = 0.0
) -> Heartbeat:
    seen_at = Now() - timedelta(seconds=age)
    return Heartbeat(part=part, instance=instance, version=version, since=since, seen_at=seen_at)


def _upsert(rows: list[Heartbeat]) -> None:
    Heartbeat.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["part", "instance"],
        update_fields=["version", "since", "seen_at"],
    )


def sample(*, at: datetime, instance: str) -> None:
    """Store the metrics of this machine, and delete samples and heartbeats past RETENTION."""
    figures = {**metrics.totals(), **metrics.gauges()}
    Sample.objects.bulk_create(
        [Sample(at=at, instance=instance[:INSTANCE_LENGTH], figures=figures)], ignore_conflicts=True
    )
    Sample.objects.filter(at__lt=at - RETENTION).delete()
    Heartbeat.objects.filter(seen_at__lt=at - RETENTION).delete()
