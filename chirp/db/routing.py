"""Which requests read from a replica. The rules, and why: docs/decisions/0037-replicas.md.

A request that only reads is answered by one replica: meanwhile that is the connection `default` of
its thread, for the ORM and for hand-written SQL alike. All else (writes, workers, commands) knows
only the primary. A replica is used if it has replayed

- all commits that took something away from readers (`conceals` of the event that they published),
- all commits of requests of the reader's account,
- and what anybody wrote more than some seconds ago.

The positions of these commits are in Redis (chirp/redis/positions.py). Without Redis all requests
go to the primary.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, transaction

from chirp.db import replicas
from chirp.db.backend.base import DatabaseWrapper
from chirp.db.replicas import Replica, primary_position
from chirp.observability.metrics import replica_requests
from chirp.redis import positions
from chirp.redis.client import RedisAway
from chirp.redis.positions import Needed

log = logging.getLogger(__name__)
REPLAY_SECONDS = 2.0  # for which a commit waits for replicas if it cannot be noted in Redis
PAUSE_SECONDS = 0.005


class Visit:
    """One request, while it is answered: whose it is, and the replica that it reads from."""

    def __init__(self) -> None:
        self.account_id: int | None = None
        self.replica: Replica | None = None
        self.has_left = False  # it went on with the primary
        self.wrote = False  # on the primary, although it reads from a replica
        self._needed: Needed | None = None

    @contextmanager
    def reading(self, found: tuple[Replica, Needed]) -> Iterator[None]:
        """Read from a replica in the block, or until the visit leaves it."""
        self.replica, self._needed = found
        primary, wrapper = connections[DEFAULT_DB_ALIAS], self.replica.connection
        wrapper.close_if_unusable_or_obsolete()
        wrapper.execute_wrappers = primary.execute_wrappers  # which count queries
        connections[DEFAULT_DB_ALIAS] = wrapper
        self._primary = primary
        self.has_left = False
        try:
            yield
        finally:
            self.replica = None
            connections[DEFAULT_DB_ALIAS] = primary

    def reader_is(self, account_id: int) -> bool:
        """Note the account. Returns whether the visit has left its replica because of it."""
        self.account_id = account_id
        if self.replica is None or self._needed is None:
            return False
        written = self._needed.accounts.get(account_id, 0)
        return not self.replica.has_reached(written) and self.leave()

    def leave(self) -> bool:
        """Go on with the primary. Returns whether the visit was on a replica."""
        if self.replica is None:
            return False
        self.replica, self.has_left = None, True
        connections[DEFAULT_DB_ALIAS] = self._primary
        replica_requests.labels("left").inc()
        return True

    @contextmanager
    def on_primary(self) -> Iterator[None]:
        """Use the primary in the block, perhaps to write."""
        if self.replica is None:
            yield
            return
        wrapper = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = self._primary
        self.wrote = True
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = wrapper


class _Here(threading.local):
    visit: Visit | None = None


_here = _Here()


@contextmanager
def visiting() -> Iterator[Visit]:
    """A request, for as long as the block."""
    visit = _here.visit = Visit()
    try:
        yield visit
    finally:
        _here.visit = None


def reader_is(account_id: int) -> bool:
    """Note the account of the request, before it is read.

    Returns whether the request reads from the primary from now on, because its replica lacks what
    the account has written. What was read before has to be read again then.
    """
    return _here.visit is not None and _here.visit.reader_is(account_id)


def leave_replica() -> bool:
    """Read from the primary from now on. Returns whether that was not so before.

    For what must be there, such as a session that a cookie names, and may just have been written.
    """
    return _here.visit is not None and _here.visit.leave()


@contextmanager
def on_primary() -> Iterator[None]:
    """Use the primary in the block: to write, or to read what is stored elsewhere."""
    if _here.visit is None:
        yield
        return
    with _here.visit.on_primary():
        yield


def choose(among: Sequence[Replica], *, lagging: bool = False) -> tuple[Replica, Needed] | None:
    """Return the first replica that may answer, and what its reader may need; or None.

    With `lagging` it may be far behind, but never behind what took something away.
    """
    outcome = "none_in_use"
    try:
        for replica in among:
            if replica.is_out():
                continue
            needed = positions.needed(replica.position)
            if needed is None:
                outcome = "unknown"
                _begin()
                return None
            for each in among:
                each.compare(needed.newest)
            if replica.is_lagging() and not lagging:
                continue
            outcome = "behind"
            if replica.has_reached(needed.everybody):
                outcome = "replica"
                return replica, needed
    except RedisAway:
        outcome = "redis_away"
    finally:
        replica_requests.labels(outcome).inc()
    return None


def _begin() -> None:
    """Set a position for everybody: that of the primary. Redis has lost it, or is new."""
    with suppress(Error):
        positions.wrote(primary_position())


def note_write(account_id: int) -> None:
    """Note that an account may have committed something just now.

    If Redis is not available, this returns when all replicas that are in use have replayed it.
    """
    try:
        position = primary_position()
    except Error as error:
        log.warning("The position of a write is not known: %s", error)
        committed_at = _primary().committed_at
        if committed_at is None:  # then nothing was committed
            return
        position = committed_at
    _note(position, account_id)


def note_concealing() -> None:
    """Note the commit that was just made: it takes something away from readers."""
    _note(_primary().committed_at or primary_position())


def _primary() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])


def _note(position: int, account_id: int | None = None) -> None:
    try:
        positions.wrote(position, account_id)
    except RedisAway:
        _wait_for_replicas(position)


def _wait_for_replicas(position: int) -> None:
    until = time.monotonic() + REPLAY_SECONDS
    for replica in replicas.replicas():
        while not replica.is_out() and not replica.has_reached(position):
            if time.monotonic() > until:
                log.warning("%s lacks a write that Redis could not note.", replica.name)
                return
            time.sleep(PAUSE_SECONDS)


def conceal_after_commit() -> None:
    """Note after the commit, once per transaction, that it takes something away from readers."""
    if not settings.DATABASE_REPLICAS:
        return
    pending = getattr(connection, "run_on_commit", [])
    if not any(callback is note_concealing for _, callback, _ in pending):
        transaction.on_commit(note_concealing, robust=True)
