"""A whole Chirp of its own, whose parts can be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from runner import embedded
from tests.helpers.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
QUEUES = "fanout,backfill,notifications,media,imports,default"
QUIET = ("-W", "ignore", "-m", "celery", "-q", "-A", "chirp", "worker", "-l", "WARNING")
ALONE = ("--without-mingle", "--without-gossip")
WEB = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "2")
PATIENCE = 120.0  # seconds
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "chirp.settings",
    "LOG_LEVEL": "WARNING",
    "LINK_PREVIEWS": "0",
    "STREAMS_PER_ADDRESS": "100000",
    "STREAMS_PER_ACCOUNT": "100",
    "RATE_LIMIT_WRITES": "off",
    "RATE_LIMIT_READS": "off",
}


class Stage:
    """The servers and processes. `parts` are the names of those that can be killed."""

    def __init__(self, var: Path, servers: embedded.Servers) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = var / "log"
        self._servers = {"postgres": servers.postgres, "valkey": servers.valkey}
        self._commands: dict[str, Sequence[str]] = {
            "web": (*WEB, "--bind", f"127.0.0.1:{self.port}", "chirp.wsgi:application"),
            "stream": ("-m", "streaming"),
            "relay": ("manage.py", "relay"),
            "worker": (*QUIET, "-Q", QUEUES, "-c", "2", *ALONE),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def parts(self) -> list[str]:
        """The names of all parts."""
        return [*self._commands, *self._servers]

    def start(self, name: str) -> None:
        """Start a part."""
        if server := self._servers.get(name):
            server.start()
            return
        with self._log.joinpath(f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *self._commands[name]],
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Send SIGKILL to a part and its children."""
        if server := self._servers.get(name):
            server.kill()
        elif running := self._running.pop(name, None):
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()

    def revive(self) -> None:
        """Start the processes again that ended by themselves, as the process manager does.

        A worker whose broker was killed is such a one.
        """
        for name, running in list(self._running.items()):
            if running.poll() is not None:
                self.start(name)

    def stop(self, name: str) -> int:
        """Send SIGTERM to a process, and return its exit status."""
        self._running[name].terminate()
        return self._running.pop(name).wait(PATIENCE)

    def pid(self, name: str) -> int:
        """The id of a process."""
        return self._running[name].pid

    def wait(self) -> None:
        """Return when the site answers, and serves streams."""
        deadline = time.monotonic() + PATIENCE
        while not (self._answers("/healthz") and self._answers("/api/v1/streaming/health")):
            if time.monotonic() > deadline:
                raise TimeoutError("The site does not answer.")
            time.sleep(0.1)

    def _answers(self, path: str) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}{path}", timeout=5).ok
        return False


@contextmanager
def running_stage(var: Path) -> Iterator[Stage]:
    """A site with its own data below `var`, on which Django is set up. Everything stops after it.

    The settings of this process are those of the site, so it must not have loaded Django before.
    """
    os.environ |= SETTINGS | {
        "VAR_DIR": str(var),
        "DATABASE_URL": embedded.database_url(var),
        "REDIS_URL": embedded.redis_url(var),
        "CELERY_BROKER_URL": embedded.broker_url(var),
    }
    var.joinpath("log").mkdir(parents=True, exist_ok=True)
    with embedded.running(var) as servers:  # a commit must outlive a SIGKILL
        _set_up()
        stage = Stage(var, servers)
        try:
            for name in ("web", "stream", "relay", "worker"):
                stage.start(name)
            stage.wait()
            yield stage
        finally:
            for name in ("web", "stream", "relay", "worker"):
                stage.kill(name)


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
