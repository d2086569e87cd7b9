"""Divide a large table into partitions by its id, while it is used.

The table becomes the first partition, so no row moves. The last partition has no upper end: there
is always one for a new row. Adding a partition means to give the last one an end, in the future,
and to add one above. How, and why it is an option: docs/decisions/0042-partitions.md.

Each step that others have to wait for is one short transaction. It is tried again if it does not
get its locks at once, so that it neither holds others up nor takes part in a deadlock.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import Error, OperationalError, connection, transaction

from chirp.db import statement_timeout

# How long others may have to wait for the locks: less than the second after which PostgreSQL
# looks for deadlocks, and ends one of the transactions.
PATIENCE_MS = 600
TRIES, PAUSE_SECONDS = 60, 1.0
BOUND = "below_the_next_partition"
BOUNDS = re.compile(r"FROM \((?:'(\d+)'|MINVALUE)\) TO \((?:'(\d+)'|MAXVALUE)\)")

_PARTS = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), greatest(c.reltuples, 0)::bigint,
    pg_total_relation_size(c.oid)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)
"""
_REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), confrelid::regclass::text
FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND to_regclass(%s) IN (confrelid, conrelid)
ORDER BY 1, 2
"""
_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary, i.indisunique
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass
"""
_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgrelid = %s::regclass AND NOT tgisinternal
"""
_UNCHECKED = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND NOT convalidated
    AND to_regclass(%s) IN (confrelid, conrelid)
"""
_BOUNDED = """
SELECT conrelid::regclass::text FROM pg_constraint
WHERE conname = %s AND conrelid IN (
    SELECT to_regclass(%s) UNION ALL
    SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(%s))
"""


class PartitionError(Exception):
    """A table cannot be divided now. The message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: ids from `low` up to, but not including, `high`; None where it has no end.

    `rows` is what the last ANALYZE estimated, and `size` is in bytes, with indexes.
    """

    name: str
    low: int | None
    high: int | None
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key, of the table or to it."""

    table: str
    name: str
    definition: str
    to: str


def parts(table: str) -> list[Part]:
    """Return the partitions of a table, the oldest first; none if it is a plain one."""
    return sorted(map(_part, _rows(_PARTS, [table])), key=lambda part: part.low or 0)


def _part(row: tuple[Any, ...]) -> Part:
    name, bounds, rows, size = row
    found = BOUNDS.search(bounds)
    assert found, bounds
    low, high = (None if end is None else int(end) for end in found.groups())
    return Part(name, low, high, rows, size)


def divide(table: str, *, at: int, first: str, last: str) -> None:
    """Make a plain table the partition `first`, for ids below `at`, and add `last`, for the others.

    `at` must be above all ids that are given out meanwhile. Unique indexes without the id are for
    each partition alone from then on. Foreign keys are not checked: `check` does it.
    """
    with _bound(table, at):
        _short(lambda: _divide(table, at, first, last), table)


def cut(table: str, *, at: int, name: str) -> None:
    """Give the last partition of a table the end `at`, and add a partition above, as `divide`."""
    last = parts(table)[-1]
    with _bound(last.name, at):
        _short(lambda: _cut(table, last, at, name), table)


def check(table: str) -> None:
    """Check the foreign keys that were made anew. Others can write meanwhile.

    It also collects the statistics of the whole table, which autovacuum does only for partitions.
    """
    for owner, name in _rows(_UNCHECKED, [table]):
        _execute_unhurried(f"ALTER TABLE {owner} VALIDATE CONSTRAINT {name}")
    _execute_unhurried(f"ANALYZE ONLY {table}")


def unchecked(table: str) -> int:
    """How many foreign keys `check` has yet to check."""
    return len(_rows(_UNCHECKED, [table]))


def bounded(table: str) -> list[str]:
    """Return the tables with a bound: while `divide` or `cut` run, or after one was killed."""
    return [name for (name,) in _rows(_BOUNDED, [BOUND, table, table])]


def release(table: str) -> None:
    """Remove the bound that a `divide` or `cut` left which was killed: it refuses later ids."""
    for name in bounded(table):
        _short(partial(_unbind, name), name)


@contextmanager
def alone(table: str) -> Iterator[None]:
    """Let no other process change the partitions of a table during the block, which may take long.

    A transaction of a second connection has the lock: a pooler gives its server connection to no
    other client before it ends. Raises PartitionError.
    """
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext('partitions'), hashtext(%s))", [table]
            )
            if cursor.fetchone() != (True,):
                raise PartitionError("Another process is changing the partitions.")
        yield
    finally:
        with suppress(Error):  # the server may have ended the connection, and with it the lock
            holder.rollback()  # only closing would leave the lock until the server notices it
        holder.close()


@contextmanager
def unhurried() -> Iterator[None]:
    """A transaction whose statements may take long: PostgreSQL and this process wait for them."""
    with transaction.atomic():
        _execute("SET LOCAL statement_timeout = 0")
        server = connection.connection
        patience, server.patience = server.patience, None
        try:
            yield
        finally:
            server.patience = patience


# --- Steps ---------------------------------------------------------------------------------------


@contextmanager
def _bound(table: str, at: int) -> Iterator[None]:
    """Check that all ids are below `at`, while others write: the table can become a partition.

    Without it, PostgreSQL would read the whole table under an exclusive lock.
    """
    _short(lambda: _bind(table, at), table)
    try:
        _execute_unhurried(f"ALTER TABLE {table} VALIDATE CONSTRAINT {BOUND}")
        yield
    except BaseException:
        _short(lambda: _unbind(table), table)
        raise


def _bind(table: str, at: int) -> None:
    _unbind(table)
    _execute(f"ALTER TABLE {table} ADD CONSTRAINT {BOUND} CHECK (id < {at:d}) NOT VALID")


def _unbind(table: str) -> None:
    _execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {BOUND}")


def _divide(table: str, at: int, first: str, last: str) -> None:
    references, indexes = _references(table), _rows(_INDEXES, [table])
    triggers = _rows(_TRIGGERS, [table])
    to_it = [reference for reference in references if reference.to == table]
    for reference in to_it:
        _drop(reference)
    for name, _ in triggers:
        _execute(f"DROP TRIGGER {name} ON {table}")
    _execute(f"ALTER TABLE {table} RENAME TO {first}")
    for name, _, _, _ in indexes:
        _execute(f"ALTER INDEX {name} RENAME TO {_of_part(first, name)}")
    _execute(
        f"CREATE TABLE {table} (LIKE {first} INCLUDING DEFAULTS INCLUDING GENERATED "
        "INCLUDING CONSTRAINTS INCLUDING STORAGE) PARTITION BY RANGE (id)"
    )
    _unbind(table)
    for name, definition, is_primary, is_unique in indexes:
        if is_primary:
            _execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY (id)")
        elif not is_unique:
            _execute(definition)
    # Those that the first partition has already are taken over, and not checked again.
    for reference in references:
        if reference.to != table:
            _add(reference)
    _attach(table, first, "MINVALUE", str(at))
    _unbind(first)
    _add_last(table, first, last, at)
    for _, definition in triggers:
        _execute(definition)
    for reference in to_it:
        _add(reference, " NOT VALID")


def _cut(table: str, last: Part, at: int, name: str) -> None:
    # Nothing that others refer to can be detached, even to be attached again at once.
    to_it = [reference for reference in _references(table) if reference.to == table]
    for reference in to_it:
        _drop(reference)
    _execute(f"ALTER TABLE {table} DETACH PARTITION {last.name}")
    _attach(table, last.name, "MINVALUE" if last.low is None else str(last.low), str(at))
    _unbind(last.name)
    _add_last(table, last.name, name, at)
    for reference in to_it:
        _add(reference, " NOT VALID")


def _add_last(table: str, like: str, name: str, at: int) -> None:
    _execute(f"CREATE TABLE {name} (LIKE {like} INCLUDING ALL)")
    _attach(table, name, str(at), "MAXVALUE")


def _attach(table: str, name: str, low: str, high: str) -> None:
    _execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({high})")


def _references(table: str) -> list[_Reference]:
    return [_Reference(*row) for row in _rows(_REFERENCES, [table])]


def _drop(reference: _Reference) -> None:
    _execute(f"ALTER TABLE {reference.table} DROP CONSTRAINT {reference.name}")


def _add(reference: _Reference, how: str = "") -> None:
    definition = reference.definition.removesuffix(" NOT VALID")
    _execute(f"ALTER TABLE {reference.table} ADD CONSTRAINT {reference.name} {definition}{how}")


def _of_part(part: str, index: str) -> str:
    """The name of an index of a partition: two of them must not have the same one."""
    return f"{index}_{part.rpartition('_')[2]}"


# --- Statements ----------------------------------------------------------------------------------


def _short(step: Callable[[], None], table: str) -> None:
    """Take a step in a transaction, with the locks on the table and on all that it refers to."""
    names = {table, *(name for row in _references(table) for name in (row.table, row.to))}
    lock = f"LOCK TABLE {', '.join(sorted(names))} IN ACCESS EXCLUSIVE MODE"
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                _execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
                _execute(lock)
                _execute("SET LOCAL statement_timeout = 0")
                step()
        except OperationalError as error:
            if not statement_timeout.has_ended(error):
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise PartitionError(f"{table} is in use all the time: try again when there is less to do.")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _execute_unhurried(statement: str) -> None:
    with unhurried():
        _execute(statement)


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
