"""The embedded PostgreSQL: its command, data directory and database."""

import os
import shutil
import subprocess
from pathlib import Path

import psutil

from chirp.embedded_programs import POSTGRES_VERSION, postgres_program
from chirp.embedded_urls import absolute, postgres_socket, run_dir
from runner.embedded import roles, system_user
from runner.embedded.paths import (
    EmbeddedError,
    NoWheel,
    environment,
    private_dir,
    wait_until,
    working_in,
)

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    # Fewer processes: three that read for others, and one for a kind of replication that Chirp does
    # not use.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
}
# The log never has the values of a statement: neither the statement that failed, nor the detail
# of an error, such as the address that is taken.
DISCREET_SETTINGS = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Where the wheel has this extension. Commands other than queries are not collected, because their
# texts keep their values, a password for example.
STATISTICS = "pg_stat_statements"
STATISTICS_SETTINGS = {
    "shared_preload_libraries": STATISTICS,
    f"{STATISTICS}.track_utility": "off",
}
# For tests, whose data need not survive a power cut.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
}


def data_dir(var: Path) -> Path:
    """PostgreSQL's data directory."""
    return absolute(var) / "postgres"


def postgres_command(var: Path, *, fast: bool = False) -> list[str]:
    """The command that runs PostgreSQL in the foreground, as `postgres_user()`."""
    settings = (
        SETTINGS | DISCREET_SETTINGS | {"unix_socket_directories": str(postgres_socket(var).parent)}
    )
    if _has_statistics():
        settings |= STATISTICS_SETTINGS
    if fast:
        settings |= FAST_SETTINGS
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(_program("postgres")), "-D", str(data_dir(var)), *options]


def postgres_user() -> str | None:
    """The user that runs PostgreSQL, which refuses to run as root; None for the current user."""
    return system_user.NAME if os.geteuid() == 0 else None


def init_postgres(var: Path, *, fast: bool = False) -> None:
    """Create everything that PostgreSQL needs before it starts. Existing data is kept.

    Raises EmbeddedError if that is impossible, and NoWheel if there is no PostgreSQL.
    """
    program = _program("postgres")
    private_dir(absolute(var))
    private_dir(run_dir(var))
    sockets = postgres_socket(var).parent
    if os.geteuid() == 0:
        account = system_user.ensure()
        system_user.let_run(account, program)
        system_user.give(account, sockets)
    else:
        private_dir(sockets)
    if not data_dir(var).exists():
        _initdb(var, fast=fast)
    elif os.geteuid() == 0:
        system_user.give(system_user.ensure(), data_dir(var))
    _check_version(var)
    _remove_stale_lock(var)


def wait_for_postgres(var: Path, timeout: float = 30.0) -> None:
    """Return when PostgreSQL accepts connections. Raises EmbeddedError after `timeout` seconds."""
    wait_until(lambda: postgres_answers(var), "PostgreSQL", timeout)


def postgres_answers(var: Path) -> bool:
    """Whether PostgreSQL accepts connections, within a few seconds."""
    return roles.answers(var)


def ensure_database(var: Path, *, fast: bool = False) -> None:
    """Wait until PostgreSQL accepts connections; create the database and roles that are missing."""
    wait_for_postgres(var)
    roles.ensure(var, for_tests=fast)


def _initdb(var: Path, *, fast: bool) -> None:
    # Created under another name and renamed, so that an incomplete directory is never used.
    draft = data_dir(var).with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    private_dir(draft)
    if os.geteuid() == 0:
        system_user.give(system_user.ensure(), draft)
    arguments = [
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
        f"--username={roles.SUPERUSER}",
    ]
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    arguments += ["--no-sync"] if fast else []
    result = subprocess.run(
        [str(_program("initdb")), *arguments, "-D", str(draft)],
        user=postgres_user(),
        group=system_user.group(),
        extra_groups=[] if os.geteuid() == 0 else None,
        env=environment(),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise EmbeddedError(
            f"PostgreSQL's initdb failed ({result.returncode}):\n{result.stdout.strip()}"
        )
    draft.rename(data_dir(var))


def _check_version(var: Path) -> None:
    found = (data_dir(var) / "PG_VERSION").read_text().strip()
    if found != POSTGRES_VERSION:
        raise EmbeddedError(
            f"{data_dir(var)} was made by PostgreSQL {found}, and this is PostgreSQL "
            f"{POSTGRES_VERSION}. "
            "Move the data with that version's pg_dump, or move the directory away."
        )


def _remove_stale_lock(var: Path) -> None:
    """Remove the lock file of a PostgreSQL that has ended.

    PostgreSQL refuses to start if any other process now has the process id in that file. That
    happens after a reboot, and in containers nearly always.
    """
    if not postgres_processes(var):
        (data_dir(var) / "postmaster.pid").unlink(missing_ok=True)


def postgres_processes(var: Path) -> list[psutil.Process]:
    """The processes of the embedded PostgreSQL. All of them run in its data directory."""
    return working_in(data_dir(var), "postgres")


def _has_statistics() -> bool:
    share = _program("postgres").parents[1] / "share"
    return any(share.rglob(f"{STATISTICS}.control"))


def _program(name: str) -> Path:
    program = postgres_program(name)
    if program is None:
        raise NoWheel(f"PostgreSQL {POSTGRES_VERSION}", "DATABASE_URL")
    return program
