"""Directories and processes of the embedded servers. Their URLs: chirp/embedded_urls.py."""

import grp
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from chirp.embedded_urls import absolute, run_dir

# The system user that runs PostgreSQL if everything else runs as root, and its group.
POSTGRES_USER = "chirp-postgres"
MAY_PASS = stat.S_IRWXU | stat.S_IXGRP


class EmbeddedError(Exception):
    """An embedded server cannot be set up or does not start. The message gives the reason."""


class NoWheel(EmbeddedError):
    """There is no embedded server for this platform."""

    def __init__(self, server: str, variables: str) -> None:
        super().__init__(
            f"There is no embedded {server} for this platform ({sys.platform}, Python "
            f"{sys.version_info.major}.{sys.version_info.minor}). Install {server} yourself and "
            f"set its URL in {variables}."
        )


def clear_run_dir(var: Path) -> None:
    """Remove the directory of the sockets if it is in /tmp. Call it once no server runs."""
    run = run_dir(var)
    if run.parent != absolute(var):
        shutil.rmtree(run, ignore_errors=True)


def environment() -> dict[str, str]:
    """The environment of a server, without variables that change PostgreSQL's behaviour."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def private_dir(path: Path) -> Path:
    """Create a directory that only this user may enter, and return it. An open one is closed.

    The group of PostgreSQL's own user may pass through it, if the directory has that group. Raises
    EmbeddedError if it cannot be created, belongs to another user, or is shared by all users.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        info = path.lstat()
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be created: {error.strerror}.") from error
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid():
        raise EmbeddedError(
            f"{path} is not a directory, or belongs to another user. Run this as its owner, or "
            "choose another directory with VAR_DIR."
        )
    if info.st_mode & stat.S_ISVTX:
        raise EmbeddedError(f"{path} is shared by all users. Choose another one with VAR_DIR.")
    _close(path, info)
    return path


def _close(path: Path, info: os.stat_result) -> None:
    closed = stat.S_IMODE(info.st_mode) & (MAY_PASS if _has_own_group(info) else stat.S_IRWXU)
    if closed != stat.S_IMODE(info.st_mode):
        path.chmod(closed)


def _has_own_group(info: os.stat_result) -> bool:
    try:
        return info.st_gid == grp.getgrnam(POSTGRES_USER).gr_gid
    except KeyError:
        return False


def wait_until(ready: Callable[[], bool], server: str, timeout: float) -> None:
    """Return when `ready()` is true. Raises EmbeddedError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{server} does not answer after {timeout:.0f} seconds.")
        time.sleep(0.02)


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """The visible processes of this name whose working directory is `folder`."""
    home = os.path.realpath(folder)
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if (process.info["name"] or "").startswith(name)
        and os.path.realpath(process.info["cwd"] or os.devnull) == home
    ]


def wait_gone(processes: Iterable[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Wait until processes have ended, and return those still running after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [process for process in processes if _is_alive(process)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [process for process in left if _is_alive(process)]
    return left


def _is_alive(process: psutil.Process) -> bool:
    try:
        # A zombie has ended. In a container there may be no parent that ever reaps it.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
