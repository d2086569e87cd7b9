"""Ends processes that are left of an earlier run whose manager was killed.

A process belongs to such a run if its environment has the mark that the manager gives to its
children, with the path of the locked directory; or if it is a PostgreSQL or Valkey that runs in
that directory. No other process is ended.
"""

import contextlib
import os
import signal
from pathlib import Path

import psutil

from runner import embedded

MARK = "CHIRP_RUNS_IN"
PATIENCE = 15.0  # seconds


class StillRunning(Exception):
    """A process of an earlier run does not end."""


def mark(var: Path) -> None:
    """Mark what this process becomes, and its children, as processes of a manager for `var`."""
    os.environ[MARK] = str(var)


def is_marked(var: Path) -> bool:
    """Whether this process is marked."""
    return os.environ.get(MARK) == str(var)


def end(var: Path) -> int:
    """End all processes of earlier runs in `var`, and return their number. Raises StillRunning.

    Call it only while holding the lock on `var`.
    """
    programs, valkeys, postgres = _marked(var), _valkeys(var), embedded.postgres_processes(var)
    # First the clients of the servers. A server may have the mark as well.
    servers = [*valkeys, *postgres]
    _stop([process for process in programs if process not in servers], signal.SIGTERM)
    _stop(valkeys, signal.SIGTERM)
    # Only PostgreSQL's main process must get the signal, and it must never be killed.
    _stop(
        [process for process in postgres if _parent(process) not in _ids(postgres)], signal.SIGINT
    )
    if left := embedded.wait_gone({*programs, *servers}, PATIENCE):
        numbers = ", ".join(str(process.pid) for process in left)
        raise StillRunning(f"Processes of an earlier run do not end: {numbers}.")
    return len({*programs, *servers})


def _stop(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    left = embedded.wait_gone(processes, PATIENCE)
    for process in left if number == signal.SIGTERM else []:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _marked(var: Path) -> list[psutil.Process]:
    own = {os.getpid(), *_ids(psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in own and _environment(process).get(MARK) == str(var)
    ]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):  # another user's process
        return {}


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0


def _valkeys(var: Path) -> list[psutil.Process]:
    # Valkey overwrites its environment with its process title, so that the mark is lost.
    return embedded.working_in(embedded.run_dir(var), "valkey-server")


def _ids(processes: list[psutil.Process]) -> set[int]:
    return {process.pid for process in processes}
