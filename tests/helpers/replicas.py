"""A PostgreSQL with streaming replicas, for tests and tools: real servers, from the wheel."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from chirp.embedded_programs import postgres_program
from chirp.embedded_urls import absolute, database_url, postgres_socket
from runner.embedded import Server, init_postgres, postgres_command, private_dir, system_user
from runner.embedded.paths import environment, wait_until
from runner.embedded.postgres import data_dir, postgres_answers, postgres_user
from runner.embedded.roles import SUPERUSER, connect

REPLAY_SECONDS = 30.0
# Several servers share one machine, and what they hold need not survive a power cut.
LIGHT = ("fsync=off", "shared_buffers=64MB", "max_wal_size=256MB")
# A copy that will stream from there. The slot keeps the log for it while it is away.
COPY = ("--write-recovery-conf", "--create-slot", "--checkpoint=fast", "--no-sync")
# Statements of a replica that conflict with what it replays are ended soon.
STANDBY = ("max_standby_streaming_delay=1s", "wal_retrieve_retry_interval=200ms")


def _options(*settings: str) -> list[str]:
    return [word for setting in (*LIGHT, *settings) for word in ("-c", setting)]


def primary_server(var: Path) -> Server:
    """A PostgreSQL that replicas can stream from, which is not started yet."""
    return Server(
        "primary",
        [*postgres_command(var), *_options()],
        log=private_dir(absolute(var) / "log") / "postgres.log",
        answers=lambda: postgres_answers(var),
        stop_signal=signal.SIGINT,
        user=postgres_user(),
    )


class Standby(Server):
    """A replica. When it starts for the first time, it is copied from the running primary."""

    def __init__(self, primary: Path, var: Path) -> None:
        self.primary, self.var = primary, var
        self.url = database_url(var)  # for DATABASE_REPLICA_URLS
        super().__init__(
            var.name,
            [*postgres_command(var), *_options(*STANDBY)],
            log=private_dir(absolute(var) / "log") / "postgres.log",
            answers=lambda: postgres_answers(var),
            stop_signal=signal.SIGINT,
            user=postgres_user(),
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if not data_dir(self.var).exists():
            _copy(self.primary, self.var)
        super().start()

    def hold(self) -> None:
        """Let it fall behind: it receives, and replays nothing."""
        with connect(self.var) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            state = "SELECT pg_get_wal_replay_pause_state()"
            wait_until(lambda: _value(connection, state) == "paused", self.name, REPLAY_SECONDS)

    def release(self) -> None:
        """Let it replay again."""
        with connect(self.var) as connection:
            connection.execute("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until it has replayed what the primary has written so far."""
        with connect(self.primary) as connection:
            # Not all that is written is a commit, and only a commit sends the rest along at once.
            _value(connection, "SELECT pg_logical_emit_message(true, 'catch up', '')")
            connection.commit()
            position = _value(connection, "SELECT pg_current_wal_flush_lsn()")
        with connect(self.var) as connection:
            query = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
            wait_until(lambda: _value(connection, query) is True, self.name, REPLAY_SECONDS)


def _value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row and row[0]


@contextmanager
def standbys(primary: Path, folder: Path, count: int = 2) -> Iterator[list[Standby]]:
    """Replicas of a running PostgreSQL, which stream from it until the block ends."""
    with ExitStack() as stack:
        made = [Standby(primary, folder / f"replica{number + 1}") for number in range(count)]
        for one in made:
            stack.callback(one.kill)
            one.start()
        yield made


def _copy(primary: Path, var: Path) -> None:
    target = data_dir(var)
    private_dir(target)
    if postgres_user():
        system_user.give(system_user.ensure(), target)
    source = [f"--host={postgres_socket(primary).parent}", f"--username={SUPERUSER}"]
    program = str(postgres_program("pg_basebackup"))
    subprocess.run(
        [program, *source, *COPY, f"--slot={var.name}", f"--pgdata={target}"],
        user=postgres_user(),
        group=system_user.group(),
        extra_groups=[] if postgres_user() else None,
        env=environment(),
        cwd="/",
        check=True,
        capture_output=True,
    )
    init_postgres(var)
