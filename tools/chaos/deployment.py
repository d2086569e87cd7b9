"""A complete Chirp: servers, web processes, workers, a relay, and a supervisor for them."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

import psutil
import requests

from runner import embedded
from runner.embedded.postgres import postgres_answers
from runner.embedded.valkey import valkey_answers
from tests.helpers.ports import free_port
from tools.chaos.clock import Clock
from tools.chaos.disk import Disk

CHECKOUT = Path(__file__).resolve().parents[2]
QUEUES = "fanout,backfill,notifications,media,imports,default"
CELERY = ("-W", "ignore", "-m", "celery", "-q", "-A", "chirp", "worker", "-l", "WARNING")
WORKERS = (*CELERY, "-Q", QUEUES, "-c", "2", "--without-mingle", "--without-gossip")
WEB = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "2")
MAX_WAL_SIZE = "max_wal_size=128MB"  # its file system is small
SUPERVISOR_SECONDS = 0.5
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "chirp.settings",
    "LOG_LEVEL": "WARNING",
    "CELEBRITY_FOLLOWERS": "16",
    "HOME_MAX_LENGTH": "60",
    # Requests are counted, as in production, but the limit is never reached.
    "RATE_LIMIT_WRITES": "1000000/5m",
    "RATE_LIMIT_READS": "1000000/5m",
}


class Startable(Protocol):
    """A server, or several that are one to their clients."""

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def kill(self) -> None:
        """End it at once."""


class Deployment:
    """The servers and programs of one Chirp, the disk of Postgres, and its clock.

    Only Postgres uses the clock, because it draws the ids and decides when an event is due. Python
    programs use the real clock: under libfaketime a step would change how long they sleep.
    """

    def __init__(self, var: Path) -> None:
        self.var, self.log = var, var / "log"
        self.log.mkdir(mode=0o700)
        self.disk = Disk(var / "database")
        self.clock = Clock(var / "clock")
        self.url = f"http://127.0.0.1:{free_port()}"
        os.environ |= SETTINGS | {
            "VAR_DIR": str(var),
            "DATABASE_URL": embedded.database_url(var / "database"),
            "REDIS_URL": embedded.redis_url(var / "store"),
            "CELERY_BROKER_URL": embedded.broker_url(var / "broker"),
        }
        self.postgres = self._postgres()
        self.store, self.broker = self._valkey("store"), self._valkey("broker")
        address = self.url.removeprefix("http://")
        self.web = self.program("web", [*WEB, "--bind", address, "chirp.wsgi:application"])
        self.workers = self.program("workers", WORKERS)
        self.relay = self.program("relay", ["manage.py", "relay"])

    @property
    def servers(self) -> Sequence[Startable]:
        """The servers, which start before migrations run."""
        return [self.postgres, self.store, self.broker]

    @property
    def programs(self) -> list[embedded.Server]:
        """The processes of Chirp, which start after migrations."""
        return [self.workers, self.relay, self.web]

    def web_answers(self) -> bool:
        """Whether the health check of the site succeeds."""
        return answers(f"{self.url}/healthz")

    def _postgres(self) -> embedded.Server:
        data = self.var / "database"
        command = [*embedded.postgres_command(data), "-c", MAX_WAL_SIZE]
        return embedded.Server(
            "PostgreSQL",
            self.clock.wrapped(command),
            log=self.log / "postgres",
            answers=lambda: postgres_answers(data),
            stop_signal=signal.SIGINT,
            user=embedded.postgres_user(),
        )

    def _valkey(self, name: str) -> embedded.Server:
        data = self.var / name
        embedded.init_valkey(data)
        return embedded.Server(
            name,
            embedded.valkey_command(data),
            log=self.log / name,
            answers=lambda: valkey_answers(data),
            stop_signal=signal.SIGTERM,
        )

    def program(self, name: str, command: Sequence[str], **variables: str) -> embedded.Server:
        """A process of Chirp, by the arguments to Python. It is not started yet."""
        more = [f"{key}={value}" for key, value in variables.items()]
        return self.command(name, ["env", "-C", str(CHECKOUT), *more, sys.executable, *command])

    def command(self, name: str, command: Sequence[str]) -> embedded.Server:
        """A process with a log. It is not started yet."""
        return embedded.Server(
            name,
            list(command),
            log=self.log / name,
            answers=lambda: True,
            stop_signal=signal.SIGTERM,
        )

    def children(self, program: embedded.Server) -> list[psutil.Process]:
        """The child processes of a program, which do its work."""
        return psutil.Process(program.pid).children() if program.pid else []


Kind = TypeVar("Kind", bound=Deployment)


class Supervisor(threading.Thread):
    """Restarts programs that died, as a process manager would. Faults restart the servers."""

    def __init__(self, programs: Sequence[embedded.Server]) -> None:
        super().__init__(name="supervisor", daemon=True)
        self.programs = programs
        self.stopping = threading.Event()

    def run(self) -> None:
        """Restart programs until `stopping` is set."""
        while not self.stopping.wait(SUPERVISOR_SECONDS):
            for program in self.programs:
                if program.pid is None:
                    program.start()


@contextmanager
def running_deployment(var: Path, migrate: Callable[[], None], kind: type[Kind]) -> Iterator[Kind]:
    """A deployment in which everything runs, and is stopped when the block ends.

    `migrate` is called once the servers run, before the programs start.
    """
    deployment = kind(var)
    with ExitStack() as stack:
        stack.callback(deployment.disk.remove)
        embedded.init_postgres(var / "database")
        for server in deployment.servers:
            stack.callback(server.kill)
            server.start()
        embedded.ensure_database(var / "database")
        migrate()
        supervisor = Supervisor(deployment.programs)
        for program in deployment.programs:
            stack.callback(program.kill)
            program.start()
        stack.callback(supervisor.join)
        stack.callback(supervisor.stopping.set)
        supervisor.start()
        embedded.paths.wait_until(deployment.web_answers, "web", 60.0)
        yield deployment


def answers(url: str) -> bool:
    """Whether a GET succeeds within five seconds."""
    with suppress(requests.RequestException):
        return requests.get(url, timeout=5).ok
    return False
