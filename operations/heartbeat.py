"""The pulse of a process: every few seconds it says that it is there, and one in ten, figures.

Threads of each web process, worker, relay and scheduler. Of several that would say the same (such
as the web processes of a machine) the one that holds a lock speaks; when it dies, another one does.
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

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from chirp.observability import metrics, metrics_server
from operations import gauges
from operations.models import Heartbeat, Sample

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 3.0
SAMPLE_SECONDS = 10
HANGS_SECONDS = 3 * HEARTBEAT_SECONDS
KEPT = timedelta(hours=1)
INSTANCE_LENGTH = 128


def start(part: str, instance: str = "") -> None:
    """Begin, in the background, until the process ends. Returns at once.

    `instance` is the name of a worker; for all others it is the machine.
    """
    if settings.METRICS_PORT and part != "web":
        metrics_server.start(port=settings.METRICS_PORT)
    pulse = HeartbeatJob(part, instance or socket.gethostname())
    for beat in (pulse, Sampler()):
        threading.Thread(target=beat.run, name="pulse", daemon=True).start()
    if part != "web":  # whose processes come and go: deploy/gunicorn.conf.py tells when all go
        atexit.register(pulse.leave)


class PeriodicJob:
    """Does something every few seconds, as long as this process is the one to do it."""

    lock: str

    def __init__(self) -> None:
        self._held: IO[str] | None = None

    def run(self) -> None:
        """Heartbeat for ever. Without Postgres nobody hears it, and nothing is lost."""
        while True:
            try:
                if self.may():
                    self.beat()
            except DatabaseError as error:
                log.debug("Nobody hears the pulse: %s", error)
            except Exception:  # a part that is there must not look dead for ever
                log.exception("The pulse missed a beat.")
            finally:
                connection.close()  # one connection less, and none that a fork could inherit
            time.sleep(HEARTBEAT_SECONDS)

    def beat(self) -> None:
        """What is done."""
        raise NotImplementedError

    def may(self) -> bool:
        """Whether this process is the one of this machine that does it.

        The lock goes with its holder's death. One that hangs keeps it, but is found out: then
        others do it as well, and doing it twice is the same as once.
        """
        if settings.METRICS_DIR is None:
            return True
        path = settings.METRICS_DIR / f"{self.lock}.lock"
        if self._held is None:
            self._held = _locked(path)
        if self._held is not None:
            os.utime(path)
        return self._held is not None or time.time() - path.stat().st_mtime > HANGS_SECONDS


def _locked(path: Path) -> IO[str] | None:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class HeartbeatJob(PeriodicJob):
    """Says that a part is there, and in the end that nobody has to miss it."""

    def __init__(self, part: str, instance: str) -> None:
        super().__init__()
        self.part, self.instance = part, instance[:INSTANCE_LENGTH]
        self.lock = f"{part}-{self.instance}".replace("/", "-")
        self._process = os.getpid()
        self._speaking = threading.Lock()
        self._left = False

    def beat(self) -> None:
        """Say it."""
        with self._speaking:
            if not self._left:
                record(self.part, self.instance)

    def leave(self) -> None:
        """Take the word back: this process ends as it should.

        Another one of the same name on this machine, if there is one, speaks up at its next beat.
        """
        ours = os.getpid() == self._process and self.may()
        if not ours or not self._speaking.acquire(timeout=HEARTBEAT_SECONDS):
            return
        try:
            self._left = True
            connection.close()
            Heartbeat.objects.filter(part=self.part, instance=self.instance).delete()
        except DatabaseError as error:
            log.debug("Nobody hears that the pulse ends: %s", error)
        finally:
            self._speaking.release()


class Sampler(PeriodicJob):
    """Looks after the servers at every beat, and takes a sample when the time has come."""

    lock = "sample"

    def __init__(self) -> None:
        super().__init__()
        self._sampled = 0

    def beat(self) -> None:
        """Look around."""
        for server, probe in gauges.SERVERS.items():
            if probe() is not None:
                record(server)
        now = int(time.time()) // SAMPLE_SECONDS * SAMPLE_SECONDS
        if now != self._sampled:
            self._sampled = now
            sample(at=datetime.fromtimestamp(now, UTC), instance=socket.gethostname())


def record(part: str, instance: str = "") -> None:
    """Write down that a part is there, by the clock of Postgres."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, instance=instance, seen_at=Now())],
        update_conflicts=True,
        unique_fields=["part", "instance"],
        update_fields=["seen_at"],
    )


def sample(*, at: datetime, instance: str) -> None:
    """Write down the figures of this machine, and forget old ones."""
    figures = {**metrics.totals(), **metrics.gauges()}
    Sample.objects.bulk_create(
        [Sample(at=at, instance=instance[:INSTANCE_LENGTH], figures=figures)], ignore_conflicts=True
    )
    Sample.objects.filter(at__lt=at - KEPT).delete()
    Heartbeat.objects.filter(seen_at__lt=at - KEPT).delete()
