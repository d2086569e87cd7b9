"""Queries that are prepared once per connection, for reads that every request makes.

Django's cursors put the parameters into the SQL text, so that PostgreSQL parses and plans every
query anew, and returns its results as text. That took three quarters of a home timeline's query.
"""

import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import RawCursor

if TYPE_CHECKING:
    from chirp.db.backend.base import DatabaseWrapper

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Prepared:
    """A query with placeholders such as `%(viewer)s::bigint`. Each needs a cast to its type.

    One plan serves all parameters, so the query must be written for it: with `id = ANY (...)` over
    an index, and with `MATERIALIZED` where the planner must not merge a subquery into the rest.
    """

    def __init__(self, text: str) -> None:
        self._names = tuple(dict.fromkeys(PLACEHOLDER.findall(text)))
        self.text = PLACEHOLDER.sub(lambda match: self._position(match[1]), text)
        self._encoded = self.text.encode()

    def _position(self, name: str) -> str:
        return f"${self._names.index(name) + 1}"

    def rows(self, *, using: str = DEFAULT_DB_ALIAS, **parameters: object) -> list[tuple[Any, ...]]:
        """Run the query on the database `using` and return all rows. Lists become arrays.

        Raises the same exceptions as Django's cursors.
        """
        values = [_literal(parameters[name]) for name in self._names]
        connection = cast("DatabaseWrapper", connections[using])
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        connection.validate_no_broken_transaction()
        started = time.monotonic()
        with connection.wrap_database_errors:
            cursor = self._cursor(connection)
            execute = self._execute
            for wrapper in reversed(connection.execute_wrappers):  # as Django's cursors do
                execute = partial(wrapper, execute)
            execute(self.text, values, False, {"connection": connection, "cursor": cursor})
            found = cursor.fetchall()
        if connection.queries_logged:
            query = {"sql": self.text, "time": f"{time.monotonic() - started:.3f}"}
            connection.queries_log.append(query)
        return found

    def _execute(self, sql: str, values: Any, many: bool, context: dict[str, Any]) -> None:
        prepare = not context["connection"].is_pooled
        context["cursor"].execute(self._encoded, values, prepare=prepare, binary=True)

    def _cursor(self, connection: "DatabaseWrapper") -> RawCursor[tuple[Any, ...]]:
        """The query's cursor, kept with its connection: it learns only once how to read columns."""
        cursor = connection.cursors.get(self)
        if cursor is None:
            cursor = connection.cursors[self] = RawCursor(connection.connection)
        return cursor


def _literal(value: object) -> str | None:
    """A parameter as untyped text, so that there is one plan instead of one per type.

    Psycopg sends a small number with a different type than a large one.
    """
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return None if value is None else str(value)
