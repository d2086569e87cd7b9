"""Ends what is left of an earlier run whose manager was killed.

A process counts as ours only if it says so itself: it carries the mark that the manager gave to its
children, the name of the very directory that we have just locked; or it is a PostgreSQL or Valkey
that works in that directory.
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
    """Something of an earlier run cannot be ended."""


def mark(var: Path) -> None:
    """Mark all future children as those of a manager for `var`."""
    os.environ[MARK] = str(var)


def end(var: Path) -> int:
    """End all that is left, and return how many processes that were. Raises StillRunning.

    Call it only while holding the lock on `var`.
    """
    programs, valkeys, postgres = _marked(var), _valkeys(var), embedded.postgres_processes(var)
    # Those who use the servers first. A server may bear the mark as well.
    servers = [*valkeys, *postgres]
    _stop([process for process in programs if process not in servers], signal.SIGTERM)
    _stop(valkeys, signal.SIGTERM)
    # Only the first of PostgreSQL's processes must be told, and it must never be killed.
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
    ours = {os.getpid(), *_ids(psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in ours and _environment(process).get(MARK) == str(var)
    ]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):  # somebody else's
        return {}


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0


def _valkeys(var: Path) -> list[psutil.Process]:
    # Valkey writes its title over its environment, so that it cannot be known by the mark.
    return embedded.working_in(embedded.run_dir(var), "valkey-server")


def _ids(processes: list[psutil.Process]) -> set[int]:
    return {process.pid for process in processes}
