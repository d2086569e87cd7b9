"""`python -m runner`: check what could prevent a start, then hand over to the manager."""

import errno
import fcntl
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from chirp.env import BadSetting
from chirp.observability import metrics_dir
from herd import settings
from runner import embedded, forked, manager, options, orphans, programs

PROBLEMS = (BadSetting, settings.BadSettings, embedded.EmbeddedError, orphans.StillRunning)


class CannotStart(Exception):
    """Something outside of Chirp prevents the start. The message says what to do about it."""


def main(arguments: Sequence[str]) -> int:
    """Run until a signal stops it, and return the exit status."""
    try:
        chosen = options.parse(arguments)
        _set_environment(chosen, arguments)
        return _run(chosen)
    except (CannotStart, *PROBLEMS) as problem:
        print(f"script/run: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(chosen: options.Options) -> int:
    embedded.private_dir(chosen.var)
    with _lock(chosen.var):
        if ended := orphans.end(chosen.var):
            print(f"Ended {ended} processes that a killed manager had left behind.", flush=True)
        _check_addresses(chosen)
        metrics_dir.clear(chosen.var)
        kept = _load()
        run_dir = embedded.private_dir(embedded.run_dir(chosen.var))
        table = programs.programs(chosen)
        if programs.uses_embedded_postgres():
            embedded.init_postgres(chosen.var)
        try:
            return manager.run(table, run_dir / "supervisor.conf", kept=kept)
        finally:
            embedded.clear_run_dir(chosen.var)


def _lock(var: Path) -> IO[str]:
    """Hold `var/lock` as long as this process lives, so that no second run uses `var`."""
    try:
        file = (var / "lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"{var} is not writable ({error.strerror}). Make it writable, or choose another "
            "directory with VAR_DIR."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        raise CannotStart(f"Chirp already runs in {var}, as process {holder}.") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _check_addresses(chosen: options.Options) -> None:
    """Raise CannotStart if the web or the herd cannot listen on its address."""
    _check_address(settings.Address(chosen.host, chosen.port), "--host", "--port")
    for address in programs.herd_addresses(chosen):
        _check_address(address, str(settings.file()), str(settings.file()))


def _check_address(wanted: settings.Address, host_option: str, port_option: str) -> None:
    try:
        found = socket.getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotStart(_not_local(repr(wanted.host), host_option)) from None
    family, _, _, _, address = found[0]
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CannotStart(_not_local(wanted.host, host_option)) from None
            reason = _reason(error, wanted)
            raise CannotStart(f"{reason} Choose another with {port_option}.") from None


def _not_local(host: str, option: str) -> str:
    return f"{host} is not an address of this machine ({option})."


def _reason(error: OSError, wanted: settings.Address) -> str:
    reasons = {
        errno.EADDRINUSE: f"Port {wanted.port} is taken by another program.",
        errno.EACCES: f"You may not listen on port {wanted.port}.",
    }
    return reasons.get(error.errno or 0, f"{wanted} cannot be used: {error.strerror}.")


def _set_environment(chosen: options.Options, arguments: Sequence[str]) -> None:
    """Set the environment variables that every process needs, this one included.

    It starts anew with them: programs that begin as its copies have the environment of its start,
    as the system shows it.
    """
    os.environ["VAR_DIR"] = str(chosen.var)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["SPT_NOENV"] = "1"  # the title of a process is not written over its environment
    os.environ["CELERY_SKIP_CHECKS"] = "1"  # checked below, for all
    os.environ["HERD"] = "1" if chosen.herd else "0"
    if chosen.reload:
        os.environ.setdefault("DEBUG", "1")
    names = {chosen.host, "localhost", "127.0.0.1", "[::1]"}
    os.environ.setdefault("ALLOWED_HOSTS", ",".join(sorted(names)))
    if os.geteuid() == 0:
        # docs/running.md warns about running as root. The same from each worker adds nothing.
        os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker")
    if __name__ == "__main__" and not orphans.is_marked(chosen.var):
        orphans.mark(chosen.var)
        command = [sys.executable, "-m", "runner", *arguments]
        os.execv(command[0], command)  # noqa: S606 - there is no shell, on purpose


def _load() -> frozenset[int]:
    """Check the settings before anything has started, and load Chirp. Raises CannotStart."""
    try:
        return forked.load()
    except (CommandError, ImproperlyConfigured) as error:
        raise CannotStart(f"a setting has to change.\n{error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
