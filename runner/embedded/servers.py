"""Both servers for the duration of a block: for the tests, and for tests of faults."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from chirp.embedded_urls import absolute
from runner.embedded.paths import (
    EmbeddedError,
    clear_run_dir,
    environment,
    private_dir,
    wait_gone,
    wait_until,
)
from runner.embedded.postgres import (
    ensure_database,
    init_postgres,
    postgres_answers,
    postgres_command,
    postgres_user,
    wait_for_postgres,
)
from runner.embedded.system_user import group
from runner.embedded.valkey import init_valkey, valkey_answers, valkey_command, wait_for_valkey

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Server:
    """One server process that can be stopped, killed, frozen and started again."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        answers: Callable[[], bool],
        stop_signal: signal.Signals,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._answers = answers
        self._stop_signal = stop_signal
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the server's process, or None if it does not run."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises EmbeddedError, with the end of its log, if it stops or does not answer in time.
        """
        if self.pid is None:
            self._process = self._spawn()
        wait_until(lambda: self.pid is None or self._answers(), self.name, 30.0)
        if self.pid is None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise EmbeddedError(f"{self.name} stopped. The end of {self.log}:\n{tail}")

    def stop(self, timeout: float = 30.0) -> None:
        """Stop the server cleanly. Kills it if that takes more than `timeout` seconds."""
        if self._process is None or self.pid is None:
            return
        self.resume()
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server and its children at once, as a power cut would."""
        family = self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        wait_gone(family, 10.0)

    def pause(self) -> None:
        """Freeze the server: it keeps its connections but does not answer."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue a frozen server."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> list[psutil.Process]:
        if self.pid is None:
            return []
        parent = psutil.Process(self.pid)
        # The parent first, so that it starts no more children and does not react to their end.
        parent.send_signal(number)
        children = parent.children(recursive=True) if parent.is_running() else []
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(number)
        return children

    def _spawn(self) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment(),
                user=self._user,
                group=group() if self._user else None,
                extra_groups=[] if self._user else None,
                start_new_session=True,  # Ctrl-C is for the tests, not for the servers
                preexec_fn=lambda: die_with_parent(self._stop_signal, parent=parent),
            )


@dataclass(frozen=True, slots=True)
class Servers:
    """The two embedded servers."""

    postgres: Server
    valkey: Server


@contextlib.contextmanager
def running(var: Path, *, fast: bool = False) -> Iterator[Servers]:
    """Run both servers in a block, with an existing or a new database. They stop at its end.

    `fast` trades durability for speed. Raises EmbeddedError if a server does not start.
    """
    init_postgres(var, fast=fast)
    init_valkey(var)
    servers = Servers(postgres=postgres_server(var, fast=fast), valkey=_valkey_server(var))
    with contextlib.ExitStack() as stack:
        stack.callback(clear_run_dir, var)
        for server in (servers.postgres, servers.valkey):
            stack.callback(server.stop)
            server.start()
        ensure_database(var, fast=fast)
        yield servers


def wait_ready(var: Path, timeout: float = 30.0) -> None:
    """Return when both servers answer. Raises EmbeddedError after `timeout` seconds."""
    started = time.monotonic()
    wait_for_postgres(var, timeout)
    wait_for_valkey(var, max(0.0, timeout - (time.monotonic() - started)))


def postgres_server(var: Path, *, fast: bool = False) -> Server:
    """The embedded PostgreSQL, not started yet. `init_postgres` has been called."""
    return Server(
        "PostgreSQL",
        postgres_command(var, fast=fast),
        log=private_dir(absolute(var) / "log") / "postgres.log",
        answers=lambda: postgres_answers(var),
        stop_signal=signal.SIGINT,  # disconnects the clients, loses no committed data
        user=postgres_user(),
    )


def _valkey_server(var: Path) -> Server:
    return Server(
        "Valkey",
        valkey_command(var),
        log=private_dir(absolute(var) / "log") / "valkey.log",
        answers=lambda: valkey_answers(var),
        stop_signal=signal.SIGTERM,
    )


def die_with_parent(number: signal.Signals, *, parent: int) -> None:
    """Have Linux send signal `number` to this process when its parent, process `parent`, ends.

    Does nothing on other systems.
    """
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it ended before the call above
        os.kill(os.getpid(), signal.SIGKILL)
