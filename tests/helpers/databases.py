"""Other databases than that of the tests, for a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections

from chirp.db.backend.base import DatabaseWrapper
from chirp.settings import _database
from runner.embedded import roles

OWN = "test_chirp_own"


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


@contextmanager
def own_database(var: Path) -> Iterator[str]:
    """Use a copy of Django's test database, in all threads, and return its name.

    It is for what cannot be taken back by emptying tables. The server is that in `var`.
    """
    tested = connection.settings_dict["NAME"]
    connection.close()
    with roles.connect(var) as server:
        server.execute(f"CREATE DATABASE {OWN} TEMPLATE {tested} OWNER chirp")
        # Connections of later threads have the same settings.
        connection.settings_dict["NAME"] = OWN
        try:
            yield OWN
        finally:
            connection.close()
            connection.settings_dict["NAME"] = tested
            server.execute(f"DROP DATABASE {OWN} WITH (FORCE)")
