"""Replicas of Postgres: how far each is, and whether it may be used."""

import logging
import threading
import time
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections

from chirp.db.backend import base
from chirp.db.prepared import Prepared

log = logging.getLogger(__name__)
CHECK_SECONDS = 0.5  # after which a replica is asked again before it is used
CHECK_MOST_SECONDS = 0.5  # in which it has to answer that
# In which it has to answer any other query. What takes longer is asked of the primary.
QUERY_MOST_SECONDS = 2.0
CONNECT_MOST_SECONDS = 2  # the least that libpq knows
RETRY_SECONDS = 1.0  # after which one that is left out is tried again
MOST_LAG_SECONDS = 5.0
PRIMARY = Prepared(base.POSITION)  # positions are numbers of bytes
REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END
"""


class _Wrapper(base.DatabaseWrapper):
    """Django's connection to a replica, which stands for the alias of the primary."""

    is_to_replica = True

    def get_connection_params(self) -> dict[str, Any]:
        """Django's hook."""
        return {**super().get_connection_params(), "connect_timeout": CONNECT_MOST_SECONDS}

    def patience(self) -> float:
        """Return how many seconds to wait for an answer."""
        return QUERY_MOST_SECONDS


class Replica:
    """One replica, as this process knows it. Each thread has a connection of its own to it."""

    def __init__(self, number: int, settings_dict: dict[str, Any]) -> None:
        self.name = f"replica {number}"
        self.position = 0  # as of its last answer; it may be further
        self._settings = {**connections.settings[DEFAULT_DB_ALIAS], **settings_dict}
        self._threads = threading.local()
        self._checked_at = float("-inf")
        self._is_out = False
        self._lacks: tuple[float, int] | None = None  # since when it lacks which position

    @property
    def connection(self) -> base.DatabaseWrapper:
        """The connection of this thread."""
        wrapper: _Wrapper | None = getattr(self._threads, "wrapper", None)
        if wrapper is None:
            wrapper = self._threads.wrapper = _Wrapper(self._settings, DEFAULT_DB_ALIAS)
        return wrapper

    def is_out(self) -> bool:
        """Whether it is left out: it failed and has not answered since, or fails now."""
        is_due = time.monotonic() - self._checked_at > CHECK_SECONDS
        return self._is_out or (is_due and not self.check())

    def check(self) -> bool:
        """Ask how far it is. Returns whether it answers, and is a replica."""
        try:
            position = self._ask()
        except Error as error:
            self.connection.close()
            self._leave_out(str(error).strip())
            return False
        if position is None:
            self._leave_out("it is no replica")
            return False
        self.position = position
        self._checked_at = time.monotonic()
        return True

    def _ask(self) -> int | None:
        wrapper = self.connection
        wrapper.close_if_unusable_or_obsolete()
        wrapper.ensure_connection()
        wrapper.connection.patience = CHECK_MOST_SECONDS
        with wrapper.cursor() as cursor:
            cursor.execute(REPLAYED)
            (position,) = cursor.fetchone()
        wrapper.connection.patience = wrapper.patience()
        return None if position is None else int(position)

    def has_reached(self, position: int) -> bool:
        """Whether it has replayed the log up to `position`. It is asked only if that is unknown."""
        return self.position >= position or (self.check() and self.position >= position)

    def compare(self, newest: int) -> None:
        """Compare it with `newest`, the position of what was written last.

        What is seen for the first time counts as written now.
        """
        if self.position >= newest:
            self._lacks = None
        elif self._lacks is None or self.position >= self._lacks[1]:
            self._lacks = time.monotonic(), newest

    def is_lagging(self) -> bool:
        """Whether it has lacked something for more than five seconds, as this process knows."""
        return self._lacks is not None and time.monotonic() - self._lacks[0] > MOST_LAG_SECONDS

    def answers(self) -> bool:
        """Whether it is in use and answers now. Does not leave a connection open behind it."""
        was_open = self.connection.connection is not None
        try:
            return not self._is_out and self.check()
        finally:
            if not was_open:
                self.connection.close()

    def suspect(self) -> None:
        """Leave it out if it has ended its connection, or does not answer any more."""
        connection = self.connection.connection
        if connection is None or connection.closed:
            self._leave_out("it ended a connection, or hung")
        else:
            self.check()

    def _leave_out(self, reason: str) -> None:
        if self._is_out:
            return
        self._is_out = True
        log.warning("%s is left out: %s", self.name.capitalize(), reason)
        # In a thread, so that no request waits for one that hangs.
        threading.Thread(target=self._wait_for_it, name=self.name, daemon=True).start()

    def _wait_for_it(self) -> None:
        try:
            while True:
                time.sleep(RETRY_SECONDS)
                try:
                    if self.check():
                        break
                except Exception:  # or it would be left out for ever
                    log.exception("%s could not be tried again.", self.name.capitalize())
        finally:
            self.connection.close()
        self._is_out = False
        log.warning("%s is used again.", self.name.capitalize())


@cache
def replicas() -> tuple[Replica, ...]:
    """The replicas of settings.DATABASE_REPLICAS."""
    found = enumerate(settings.DATABASE_REPLICAS, 1)
    return tuple(Replica(number, database) for number, database in found)


def answering() -> int:
    """Return how many replicas answer now. Those that are left out are not asked."""
    return sum(each.answers() for each in replicas())


def most_lag_bytes() -> float | None:
    """Return how much the replica lacks that lags most, of those in use; None without any."""
    if not settings.DATABASE_REPLICAS:
        return None
    position = primary_position()
    lags = [max(position - each.position, 0) for each in replicas() if each.answers()]
    return float(max(lags)) if lags else None


def primary_position() -> int:
    """Return a position that includes all that this process has committed."""
    ((position,),) = PRIMARY.rows()
    return int(position)
