"""The backend's DatabaseWrapper. Django looks for it in a module named `base`."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import RawCursor

from chirp.db import statement_timeout


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests and runs the queries of chirp.db.prepared."""

    health_check_done: bool
    health_check_enabled: bool
    # One cursor for each query of chirp.db.prepared that has run on this connection.
    cursors: dict[object, RawCursor[Any]]
    # Whether other clients use the server's connection too, between the transactions of this one
    # (DATABASE_POOLER). What is prepared or set for a session would be lost, or be theirs as well.
    is_pooled = False

    def close_if_health_check_failed(self) -> None:
        """Close a dead connection: Django's hook before the first query of a request.

        A server that ends a connection announces it on the socket, and sends nothing else while the
        connection is idle. A socket without data is therefore healthy, and the check needs no round
        trip.
        """
        if self.health_check_enabled and not self.health_check_done and self._is_silent():
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _is_silent(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)

    def init_connection_state(self) -> None:
        """Set up a new connection: Django's hook."""
        super().init_connection_state()
        self.cursors = {}
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
