"""Real processes of Chirp on the test database, for tests of delivery and faults."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

from runner.embedded import database_url
from tests.helpers.faults import embedded_servers

TIMEOUT = 60.0  # seconds
QUEUES = "fanout,backfill,notifications,media,imports,default"
ALONE = ("--without-mingle", "--without-gossip")  # as in production
WORKER = ("-m", "celery", "-A", "chirp", "worker", "-Q", QUEUES, "-c", "2", "-l", "INFO", *ALONE)
RELAY = ("manage.py", "relay")


@contextmanager
def process(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python COMMAND` in its own process group, and always kill it after the block."""
    embedded_servers()
    server, _, _ = database_url(settings.VAR_DIR).rpartition("/")
    name = connection.settings_dict["NAME"]
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": f"{server}/{name}"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        kill(started)


def kill(started: subprocess.Popen[bytes]) -> None:
    """Send SIGKILL to a process and its children, so that they cannot clean up."""
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    """Wait until the condition holds. Fails with the content of the log after TIMEOUT."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
