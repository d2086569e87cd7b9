"""Heartbeats of processes, and samples of their metrics, written to Postgres periodically.

Each web process, worker, relay and scheduler runs background threads for them. Where several
processes would write the same row (such as the web processes of a machine), only the process that
holds a lock does; when it dies, another process takes over.
"""

import atexit
import fcntl
import logging
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
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
HEARTBEAT_SECONDS = 3.0
SAMPLE_SECONDS = 10
HANGS_SECONDS = 3 * HEARTBEAT_SECONDS  # a lock not renewed for so long does not count
RETENTION = timedelta(hours=1)
INSTANCE_LENGTH = 128


def start(part: str, instance: str = "") -> None:
    """Start heartbeats and samples in background threads, until the process ends.

    `part` is the kind of process. `instance` is the name of a worker; it defaults to the name of
    the machine. From now on its statements have the timeout of that kind.
    """
    statement_timeout.process_is(part)
    if settings.METRICS_PORT and part != "web":
        metrics_server.start(port=settings.METRICS_PORT)
    heartbeat = HeartbeatJob(part, instance or socket.gethostname())
    for job in (heartbeat, Sampler()):
        threading.Thread(target=job.run, name="heartbeat", daemon=True).start()
    # Web processes come and go: deploy/gunicorn.conf.py calls `leave` when gunicorn stops.
    if part != "web":
        atexit.register(heartbeat.leave)


class PeriodicJob:
    """A job that runs every HEARTBEAT_SECONDS in one process of each machine."""

    lock: str

    def __init__(self) -> None:
        self._lock_file: IO[str] | None = None

    def run(self) -> None:
        """Run the job in an endless loop. Failures are logged, and the next run tries again."""
        while True:
            try:
                if self.is_active():
                    self.run_once()
            except DatabaseError as error:
                log.debug("Postgres did not accept a heartbeat or sample: %s", error)
            except Exception:  # the thread must go on, or a live process would look dead
                log.exception("A heartbeat or sample failed.")
            finally:
                connection.close()  # saves a connection, and a fork must not inherit an open one
            time.sleep(HEARTBEAT_SECONDS)

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
        if self._lock_file is None:
            self._lock_file = _try_lock(path)
        if self._lock_file is not None:
            os.utime(path)
        return self._lock_file is not None or time.time() - path.stat().st_mtime > HANGS_SECONDS


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
    """Records heartbeats of a process, and removes its row when the process stops."""

    def __init__(self, part: str, instance: str) -> None:
        super().__init__()
        self.part, self.instance = part, instance[:INSTANCE_LENGTH]
        self.lock = f"{part}-{self.instance}".replace("/", "-")
        self._process = os.getpid()
        self.since = _started(part)
        self._writing = threading.Lock()
        self._stopped = False

    def run_once(self) -> None:
        """Record a heartbeat, unless the process is stopping."""
        with self._writing:
            if not self._stopped:
                record(self.part, self.instance, since=self.since)

    def leave(self) -> None:
        """Remove the row, because this process stops as intended and is not missing.

        If another process of this machine writes the same row, its next heartbeat restores it.
        """
        # A forked child inherits the exit handler, but the row belongs to its parent.
        is_ours = os.getpid() == self._process and self.is_active()
        if not is_ours or not self._writing.acquire(timeout=HEARTBEAT_SECONDS):
            return
        try:
            self._stopped = True
            connection.close()
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except DatabaseError as error:
            log.debug("Postgres did not remove the last heartbeat: %s", error)
        finally:
            self._writing.release()


class Sampler(PeriodicJob):
    """Records heartbeats for Redis and the broker, and takes a sample every SAMPLE_SECONDS."""

    lock = "sample"

    def __init__(self) -> None:
        super().__init__()
        self._sampled = 0

    def run_once(self) -> None:
        """Check the servers, and take a sample if one is due."""
        for server, gauge in gauges.SERVERS.items():
            if gauge() is not None:
                record(server)
        now = int(time.time()) // SAMPLE_SECONDS * SAMPLE_SECONDS
        if now != self._sampled:
            self._sampled = now
            sample(at=datetime.fromtimestamp(now, UTC), instance=socket.gethostname())


def _started(part: str) -> datetime:
    """When this process started. Web processes come and go: there it is the one that forks them."""
    process = psutil.Process(os.getppid() if part == "web" else os.getpid())
    return datetime.fromtimestamp(process.create_time(), UTC)


def record(part: str, instance: str = "", *, since: datetime | None = None) -> None:
    """Insert or update the heartbeat of a component, with the time of Postgres.

    `since` is when a process of Chirp started, and None for a server.
    """
    version = VERSION if since else ""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, instance=instance, version=version, since=since, seen_at=Now())],
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
