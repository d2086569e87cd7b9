"""The backend's connection. Django looks for it in a module of this name."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import RawCursor


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is kept between requests, and can prepare queries (chirp.db.prepared)."""

    health_check_done: bool
    health_check_enabled: bool
    cursors: dict[
        object, RawCursor[Any]
    ]  # of the queries of chirp.db.prepared that were asked on it

    def close_if_health_check_failed(self) -> None:
        """Django's hook, before the first query of a request: close a connection that is dead.

        A server that ends a connection says so, and nothing else is ever sent on an idle one: a
        silent socket is a good one, and no question has to travel there and back.
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
        """Django's hook, for a new connection."""
        super().init_connection_state()
        self.cursors = {}
        # The queries of chirp.db.prepared are written so that one plan is good for all parameters.
        with self.connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
