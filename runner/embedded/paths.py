"""Directories and processes of the embedded servers. Addresses: chirp/embedded_urls.py."""

import importlib.util
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from chirp.embedded_urls import absolute, run_dir


class EmbeddedError(Exception):
    """An embedded server cannot be set up or does not start; the message tells a person why."""


class NoWheel(EmbeddedError):
    """There is no embedded server for this platform."""

    def __init__(self, server: str, variables: str) -> None:
        super().__init__(
            f"There is no embedded {server} for this platform ({sys.platform}, Python "
            f"{sys.version_info.major}.{sys.version_info.minor}). Install {server} yourself and "
            f"say where it is in {variables}."
        )


def clear_run_dir(var: Path) -> None:
    """Leave nothing in /tmp once nothing runs any more; `var/run` itself may stay."""
    run = run_dir(var)
    if run.parent != absolute(var):
        shutil.rmtree(run, ignore_errors=True)


def environment() -> dict[str, str]:
    """Our environment, without what makes PostgreSQL differ from machine to machine."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"LC_ALL": "C"}


def package_dir(name: str) -> Path | None:
    """The folder of an installed package, or None. It is not imported: that may do things."""
    spec = importlib.util.find_spec(name)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def private_dir(path: Path) -> Path:
    """Make a directory that only its owner may enter. Raises EmbeddedError where it is not ours."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        info = path.lstat()
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid():
        raise EmbeddedError(
            f"{path} belongs to somebody else. Run this as its owner, or choose another directory "
            "with VAR_DIR."
        )
    return path


def wait_until(ready: Callable[[], bool], server: str, timeout: float) -> None:
    """Return when `ready()` is true. Raises EmbeddedError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{server} does not answer after {timeout:.0f} seconds.")
        time.sleep(0.02)


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes of this name whose working directory is `folder`, as far as we may know."""
    home = os.path.realpath(folder)
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if (process.info["name"] or "").startswith(name)
        and os.path.realpath(process.info["cwd"] or os.devnull) == home
    ]


def wait_gone(processes: Iterable[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Wait until they have ended, and return those that have not after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [process for process in processes if _lives(process)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [process for process in left if _lives(process)]
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        # In a container nobody may ever bury the dead: a zombie has ended all the same.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
