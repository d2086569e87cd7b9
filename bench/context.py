"""What every figure needs: how large to measure, the servers, and processes of our own."""

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
# Not replaced after some thousand requests, as in production: rounds should be alike.
WEB = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--workers", "2", "--max-requests", "0")
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Scale:
    """How large, how long and how often to measure."""

    rounds: int
    seconds: float  # of load in one round
    followers: int  # of who fans out
    burst: int  # posts at once
    backlog: int  # posts
    backlog_followers: int
    posts: int  # one after another, for latencies
    many: int  # followees, and followers for a latency
    celebrities: int
    age: int  # tweets of an old account
    million: int
    singles: int  # requests one by one
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


class Stuck(Exception):
    """What was waited for does not come."""


@dataclass(slots=True)
class Bench:
    """One run."""

    scale: Scale
    var: Path
    servers: Servers
    graph: Path | None
    cache: Path

    @property
    def smoke(self) -> bool:
        """Whether only the bench itself is tried."""
        return self.scale is SMOKE

    @contextlib.contextmanager
    def process(self, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """`python COMMAND` in a group of its own, ended for certain after the block."""
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
        """A relay and two worker processes, as in production."""
        with (
            self.process("worker", *WORKER) as worker,
            self.process("relay", "manage.py", "relay") as relay,
        ):
            wait_until(_workers_answer, "The workers do not start.")
            yield Workers(worker.pid, relay.pid)

    @contextlib.contextmanager
    def web(self) -> Iterator["Site"]:
        """Gunicorn with two processes, with Chirp's configuration."""
        address = f"127.0.0.1:{_free_port()}"
        command = (*WEB, "--bind", address, "chirp.wsgi:application")
        with self.process("web", *command) as started:
            site = Site(f"http://{address}", started.pid)
            wait_until(site.answers, "The web does not start.")
            yield site

    def server_cpu(self) -> dict[str, float]:
        """CPU seconds that Postgres and Valkey have used so far."""
        pids = {"Postgres": self.servers.postgres.pid, "Valkey": self.servers.valkey.pid}
        return {name: cpu_seconds(pid) for name, pid in pids.items() if pid}


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes that deliver."""

    worker: int
    relay: int

    def cpu(self) -> float:
        """CPU seconds that they have used so far."""
        return cpu_seconds(self.worker) + cpu_seconds(self.relay)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is relayed within the block."""
        os.kill(self.relay, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.relay, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Site:
    """Web processes of ours."""

    url: str
    pid: int

    def answers(self) -> bool:
        """Whether it is there."""
        with contextlib.suppress(URLError, OSError), urlopen(f"{self.url}/healthz", timeout=5) as a:
            return bool(a.status == 200)
        return False

    def cpu(self) -> float:
        """CPU seconds that it has used so far."""
        return cpu_seconds(self.pid)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it, so far."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def wait_until(condition: Callable[[], bool], otherwise: str, *, pause: float = 0.005) -> None:
    """Return when the condition holds. Stuck after five minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck(otherwise)
        time.sleep(pause)


def _workers_answer() -> bool:
    from celery import current_app

    with current_app.connection_for_write() as fresh:  # Valkey may have been away
        return bool(current_app.control.ping(timeout=0.3, connection=fresh))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
