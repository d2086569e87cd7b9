"""A whole Chirp of our own: servers, web processes, workers, a relay, and who starts them again."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import requests

from runner import embedded
from runner.embedded.postgres import postgres_answers
from runner.embedded.valkey import valkey_answers
from tests.helpers.ports import free_port
from tools.chaos.clock import Clock
from tools.chaos.disk import Disk

CHECKOUT = Path(__file__).resolve().parents[2]
QUEUES = "fanout,backfill,notifications,media,default"
CELERY = ("-W", "ignore", "-m", "celery", "-q", "-A", "chirp", "worker", "-l", "WARNING")
WORKERS = (*CELERY, "-Q", QUEUES, "-c", "2", "--without-mingle", "--without-gossip")
WEB = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "2")
WAL_AT_MOST = "max_wal_size=128MB"  # its disk is small
KEEPER_SECONDS = 0.5
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "chirp.settings",
    "LOG_LEVEL": "WARNING",
    "CELEBRITY_FOLLOWERS": "16",
    "HOME_MAX_LENGTH": "60",
    # Counted, as on a real site, but never reached.
    "RATE_LIMIT_WRITES": "1000000/5m",
}


class House:
    """Where everything of this Chirp is: its servers, its programs, its disk, and the clock.

    The clock is that of Postgres, which draws ids and says when an event is due. Python programs
    cannot sleep by libfaketime's clock without that stepping too, so theirs is the true one.
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
        self.web = self._program("web", [*WEB, "--bind", address, "chirp.wsgi:application"])
        self.workers = self._program("workers", WORKERS)
        self.relay = self._program("relay", ["manage.py", "relay"])

    @property
    def servers(self) -> list[embedded.Server]:
        """What is there before migrations."""
        return [self.postgres, self.store, self.broker]

    @property
    def programs(self) -> list[embedded.Server]:
        """What is started after them."""
        return [self.workers, self.relay, self.web]

    def web_answers(self) -> bool:
        """Whether the site answers at all."""
        return _answers(f"{self.url}/healthz")

    def _postgres(self) -> embedded.Server:
        place = self.var / "database"
        command = [*embedded.postgres_command(place), "-c", WAL_AT_MOST]
        return embedded.Server(
            "PostgreSQL",
            self.clock.wrapped(command),
            log=self.log / "postgres",
            answers=lambda: postgres_answers(place),
            stop_signal=signal.SIGINT,
            user=embedded.postgres_user(),
        )

    def _valkey(self, name: str) -> embedded.Server:
        place = self.var / name
        embedded.init_valkey(place)
        return embedded.Server(
            name,
            embedded.valkey_command(place),
            log=self.log / name,
            answers=lambda: valkey_answers(place),
            stop_signal=signal.SIGTERM,
        )

    def _program(self, name: str, command: Sequence[str]) -> embedded.Server:
        there = ["env", "-C", str(CHECKOUT), sys.executable, *command]
        return embedded.Server(
            name,
            there,
            log=self.log / name,
            answers=lambda: True,
            stop_signal=signal.SIGTERM,
        )

    def children(self, program: embedded.Server) -> list[psutil.Process]:
        """The processes that a program has under it: those that do the work."""
        return psutil.Process(program.pid).children() if program.pid else []


class Keeper(threading.Thread):
    """Starts again what has died, as a process manager would. Servers are left to the faults."""

    def __init__(self, programs: Sequence[embedded.Server]) -> None:
        super().__init__(name="keeper", daemon=True)
        self.programs = programs
        self.leaving = threading.Event()

    def run(self) -> None:
        """Look after them until told to leave."""
        while not self.leaving.wait(KEEPER_SECONDS):
            for program in self.programs:
                if program.pid is None:
                    program.start()


@contextmanager
def living_in(var: Path, migrate: Callable[[], None]) -> Iterator[House]:
    """A house in which everything runs, until the block ends, however it ends."""
    house = House(var)
    with ExitStack() as stack:
        stack.callback(house.disk.remove)
        embedded.init_postgres(var / "database")
        for server in house.servers:
            stack.callback(server.kill)
            server.start()
        embedded.ensure_database(var / "database")
        migrate()
        keeper = Keeper(house.programs)
        for program in house.programs:
            stack.callback(program.kill)
            program.start()
        stack.callback(keeper.join)
        stack.callback(keeper.leaving.set)
        keeper.start()
        embedded.paths.wait_until(house.web_answers, "web", 60.0)
        yield house


def _answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=5).ok
    return False
