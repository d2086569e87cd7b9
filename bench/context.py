"""The context of all figures: sizes, servers, and processes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from runner.embedded import Servers

CHECKOUT = Path(__file__).resolve().parent.parent
QUEUES = "fanout,backfill,notifications,media,default"
WORKER = ("-m", "celery", "-q", "-A", "chirp", "worker", "-Q", QUEUES, "-c", "2", "-l", "WARNING")
# Unlike in production, web processes are not replaced after some thousand requests: rounds should
# be alike.
WEB = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--workers", "2", "--max-requests", "0")
TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes, durations and numbers of rounds of the measurements."""

    rounds: int
    seconds: float  # of load in one round
    followers: int  # of the author who posts
    burst: int  # posts in one burst
    backlog: int  # posts
    backlog_followers: int
    posts: int  # one after another, for latencies
    many: int  # followees, and followers for a latency
    celebrities: int
    age: int  # tweets of an old account
    million: int
    singles: int  # single requests
    mix_seconds: float
    mix_probe_seconds: float


FULL = Scale(
    rounds=5,
    seconds=2.0,
    followers=10_000,
    burst=10,
    backlog=1_000,
    backlog_followers=200,
    posts=150,
    many=10_000,
    celebrities=300,
    age=100_000,
    million=1_000_000,
    singles=60,
    mix_seconds=300.0,
    mix_probe_seconds=8.0,
)
SMOKE = Scale(
    rounds=1,
    seconds=0.3,
    followers=300,
    burst=3,
    backlog=20,
    backlog_followers=50,
    posts=5,
    many=300,
    celebrities=12,
    age=300,
    million=2_000,
    singles=3,
    mix_seconds=0.6,
    mix_probe_seconds=0.4,
)


class TimedOut(Exception):
    """A condition did not become true in time."""


@dataclass(slots=True)
class Bench:
    """One run of the bench."""

    scale: Scale
    var: Path
    servers: Servers
    graph: Path | None
    cache: Path
    against: str = ""  # the commit or the directory of another version, if there is one

    @property
    def smoke(self) -> bool:
        """Whether this is a smoke test of the bench, whose figures mean nothing."""
        return self.scale is SMOKE

    @contextlib.contextmanager
    def process(self, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `python COMMAND` in its own process group, which is killed after the block."""
        with (self.var / "log" / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, *command],
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield started
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()

    @contextlib.contextmanager
    def workers(self) -> Iterator["Workers"]:
        """Run a relay and a worker with two processes, as in production, during the block."""
        with (
            self.process("worker", *WORKER) as worker,
            self.process("relay", "manage.py", "relay") as relay,
        ):
            wait_until(_workers_answer, "The workers do not start.")
            yield Workers(worker.pid, relay.pid)

    @contextlib.contextmanager
    def web(self) -> Iterator["Site"]:
        """Run Gunicorn with two processes and Chirp's configuration during the block."""
        address = f"127.0.0.1:{_free_port()}"
        command = (*WEB, "--bind", address, "chirp.wsgi:application")
        with self.process("web", *command) as started:
            site = Site(f"http://{address}", started.pid)
            wait_until(site.answers, "The web does not start.")
            yield site

    def server_cpu(self) -> dict[str, float]:
        """CPU seconds that Postgres and Valkey have used so far, by name."""
        pids = {"Postgres": self.servers.postgres.pid, "Valkey": self.servers.valkey.pid}
        return {name: cpu_seconds(pid) for name, pid in pids.items() if pid}


@dataclass(frozen=True, slots=True)
class Workers:
    """The process ids of the worker and the relay."""

    worker: int
    relay: int

    def cpu(self) -> float:
        """CPU seconds that both have used so far."""
        return cpu_seconds(self.worker) + cpu_seconds(self.relay)

    @contextlib.contextmanager
    def suspended_relay(self) -> Iterator[None]:
        """Suspend the relay during the block, so that nothing is delivered."""
        os.kill(self.relay, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.relay, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Site:
    """The address and the process id of the web server."""

    url: str
    pid: int

    def answers(self) -> bool:
        """Whether the health check succeeds."""
        with contextlib.suppress(URLError, OSError), urlopen(f"{self.url}/healthz", timeout=5) as a:
            return bool(a.status == 200)
        return False

    def cpu(self) -> float:
        """CPU seconds that it has used so far."""
        return cpu_seconds(self.pid)


def cpu_seconds(pid: int) -> float:
    """User and system CPU seconds of a process and its descendants, so far."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def wait_until(condition: Callable[[], bool], otherwise: str, *, pause: float = 0.005) -> None:
    """Return when the condition is true. Raises TimedOut after five minutes."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(otherwise)
        time.sleep(pause)


def _workers_answer() -> bool:
    from celery import current_app

    with current_app.connection_for_write() as fresh:  # Valkey may have been down
        return bool(current_app.control.ping(timeout=0.3, connection=fresh))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
