"""Other databases than that of the tests, for a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

from chirp.db.backend.base import DatabaseWrapper
from chirp.settings import _database
from runner.embedded import roles

OWN = "test_chirp_own"
NEW = "test_chirp_new"


@contextmanager
def another_database(url: str) -> Iterator[None]:
    """Use the database of this URL in this thread."""
    kept = connections[DEFAULT_DB_ALIAS]
    wrapper = DatabaseWrapper({**kept.settings_dict, **_database(url)}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = wrapper
    try:
        yield
    finally:
        wrapper.close()
        connections[DEFAULT_DB_ALIAS] = kept


def keep_new(var: Path) -> None:
    """Keep a copy of Django's test database for `new_database`, before a test has used it."""
    connection.close()
    with roles.connect(var) as server:
        _copy(server, connection.settings_dict["NAME"], NEW)


@contextmanager
def new_database(var: Path) -> Iterator[str]:
    """Use a database that no test has used, in all threads, and return its name.

    It is for tests of query plans. Emptied tables keep large indexes and the statistics of what was
    in them, so that a plan would depend on the tests before.
    """
    with _used(var, NEW) as name:
        yield name


@contextmanager
def own_database(var: Path) -> Iterator[str]:
    """Use a copy of Django's test database, in all threads, and return its name.

    It is for what cannot be taken back by emptying tables. The server is that in `var`.
    """
    with _used(var, connection.settings_dict["NAME"]) as name:
        yield name


@contextmanager
def _used(var: Path, template: str) -> Iterator[str]:
    tested = connection.settings_dict["NAME"]
    connection.close()
    with roles.connect(var) as server:
        _copy(server, template, OWN)
        # Connections of later threads have the same settings.
        connection.settings_dict["NAME"] = OWN
        try:
            yield OWN
        finally:
            connection.close()
            connection.settings_dict["NAME"] = tested
            server.execute(f"DROP DATABASE {OWN} WITH (FORCE)")


def _copy(server: psycopg.Connection, template: str, name: str) -> None:
    # Threads of tests before may have left connections, and then PostgreSQL copies nothing.
    server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
        [template],
    )
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER chirp")
