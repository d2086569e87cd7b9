"""The backend's DatabaseWrapper. Django looks for it in a module named `base`."""

import logging
import select
from types import SimpleNamespace
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg import RawCursor, generators
from psycopg.errors import ReadOnlySqlTransaction, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

from chirp.db import statement_timeout
from chirp.db.backend.patience import PatientConnection

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5  # in which a server has to accept a connection
# A machine that is gone ends no connection. That it acknowledges nothing is noticed within some ten
# seconds, however long a statement may take.
GONE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


_hung_until: dict[str, float] = {}  # by host and port, by the clock of time.monotonic()

# Where commits are asynchronous, the written position may be before the last commit; the inserted
# one never is.
POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"

# What is another than psycopg's. A server that refuses writes is not the primary, so it is the same
# as if there were none: behind a pooler it may take the primary's place on an open connection.
DIFFERENCES = {
    "connect": PatientConnection.connect,
    "OperationalError": (psycopg.OperationalError, ReadOnlySqlTransaction),
}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests and runs the queries of chirp.db.prepared."""

    Database = SimpleNamespace(**{**vars(psycopg), **DIFFERENCES})  # type: ignore[assignment]
    health_check_done: bool
    health_check_enabled: bool
    # One cursor for each query of chirp.db.prepared that has run on this connection.
    cursors: dict[object, RawCursor[Any]]
    # Whether other clients use the server's connection too, between the transactions of this one
    # (DATABASE_POOLER). What is prepared or set for a session would be lost, or be theirs as well.
    is_pooled = False
    is_to_replica = False
    # The position in the write-ahead log after the last commit, where there are replicas.
    committed_at: int | None = None
    _after_commit: dict[str, None]  # commands to PostgreSQL, in order

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Connects to nothing yet; a commit or rollback before that does nothing."""
        super().__init__(*args, **kwargs)
        self._after_commit = {}

    def close_if_health_check_failed(self) -> None:
        """Close a dead connection: Django's hook before the first query of a request.

        A server that ends a connection announces it on the socket, and sends nothing else while the
        connection is idle. A socket without data is therefore healthy, and the check needs no round
        trip.
        """
        if self.health_check_enabled and not self.health_check_done and self._is_silent():
            self.health_check_done = True
        super().close_if_health_check_failed()

    def is_usable(self) -> bool:
        """Whether the connection can be used after an error: Django's hook.

        One to a server that became a replica cannot: the next one may find the primary.
        """
        if self.connection is None:
            return False
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                return self.is_to_replica or cursor.fetchone() == ("off",)
        except psycopg.Error:
            return False

    def _is_silent(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)

    def get_connection_params(self) -> dict[str, Any]:
        """Return what psycopg connects with: Django's hook."""
        found = {**GONE, **super().get_connection_params()}
        if statement_timeout.of_this_process():
            found.setdefault("connect_timeout", CONNECT_SECONDS)
        return found

    def patience(self) -> float | None:
        """Return how many seconds to wait for an answer; None to wait for ever."""
        return 2 * statement_timeout.of_this_process() or None  # the server ends a statement first

    def run_after_commit(self, command: str) -> None:
        """Have the server run a command, once, right after the transaction is committed.

        It is sent together with COMMIT, and so takes no time of its own. If it fails, the
        transaction is committed all the same, and the failure is logged.
        """
        self._after_commit[command] = None

    def _commit(self) -> None:
        """Commit, and run what is to be run after it: Django's hook.

        Where there are replicas, the answer says where the commit is. So there is no commit that is
        known to have happened, and whose position is not known.
        """
        commands = [*self._after_commit]
        self._after_commit.clear()
        if settings.DATABASE_REPLICAS:
            commands.insert(0, POSITION)
        if self.connection is None or not commands:
            super()._commit()  # type: ignore[misc]
        elif self.connection.info.transaction_status != TransactionStatus.IDLE:
            with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                self._commit_and(commands)

    def _commit_and(self, commands: list[str]) -> None:
        pgconn = self.connection.pgconn
        pgconn.send_query("; ".join(["COMMIT", *commands]).encode())
        committed, *others = self.connection.wait(generators.execute(pgconn))
        if committed.status != ExecStatus.COMMAND_OK:
            raise error_from_result(committed)
        for command, result in zip(commands, others, strict=False):  # none follows one that failed
            if result.status == ExecStatus.FATAL_ERROR:
                log.warning("%s failed after a commit: %s", command, error_from_result(result))
            elif command == POSITION:
                self.committed_at = int(result.get_value(0, 0))

    def _rollback(self) -> None:
        """Roll back, and forget what was to be run after a commit: Django's hook."""
        self._after_commit.clear()
        super()._rollback()  # type: ignore[misc]

    def init_connection_state(self) -> None:
        """Set up a new connection: Django's hook."""
        self.connection.patience = self.patience()
        super().init_connection_state()
        self.cursors = {}
        self._after_commit.clear()
        self.is_pooled = self.settings_dict["OPTIONS"].get("prepare_threshold") is None
        # The queries of chirp.db.prepared are written so that one plan suits all parameters.
        commands = ["SET plan_cache_mode = force_generic_plan"]
        # Not an option in the connection's start packet, which PgBouncer refuses.
        if seconds := statement_timeout.of_this_process():
            commands.append(f"SET statement_timeout = {round(seconds * 1000)}")
        self.set_for_session(*commands)

    def set_for_session(self, *commands: str) -> None:
        """Run SET commands, which last as long as the connection. Not behind a pooler."""
        if not self.is_pooled:
            with self.connection.cursor() as cursor:
                cursor.execute("; ".join(commands))
