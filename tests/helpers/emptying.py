"""Empty the database after a test that commits, in a fraction of the time that Django takes.

Django truncates every table, and then makes content types, permissions and groups anew. But a test
leaves rows in a few tables only, and those as they were.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from runner.embedded import roles

TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
# What migrations and their signals made.
KEPT = (
    *("django_migrations", "django_content_type", "auth_permission", "auth_group"),
    "auth_group_permissions",
)


@contextmanager
def emptied_quickly(var: Path) -> Iterator[None]:
    """Empty Django's test database, which is of the embedded server in `var`, like this."""
    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    with _superuser(var) as database:
        kept = _counts(database)

    def _fixture_teardown(case: TransactionTestCase) -> None:
        # Tests restart the server, so a connection does not last.
        with _superuser(var) as database:
            if _counts(database) != kept:
                original(case)
            for table in _filled(database):
                database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[attr-defined]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]


@contextmanager
def _superuser(var: Path) -> Iterator[psycopg.Connection]:
    """A connection as the superuser: no foreign key is checked, and no trigger refuses."""
    with roles.connect(var, database=str(connection.settings_dict["NAME"])) as database:
        database.execute("SET session_replication_role = replica")
        yield database


def _filled(database: psycopg.Connection) -> Sequence[str]:
    """The tables with rows, but for those that are kept."""
    tables = [name for (name,) in database.execute(TABLES) if name not in KEPT]
    looks = (
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name, sql.Identifier(name))
        for name in tables
    )
    return [name for (name,) in database.execute(sql.SQL(" UNION ALL ").join(looks))]


def _counts(database: psycopg.Connection) -> Sequence[Any]:
    counts = (sql.SQL("(SELECT count(*) FROM {})").format(sql.Identifier(table)) for table in KEPT)
    return database.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(counts))).fetchall()
