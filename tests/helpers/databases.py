"""Another database than that of the tests, for a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from chirp.db.backend.base import DatabaseWrapper
from chirp.settings import _database


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
