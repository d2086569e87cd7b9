"""Queries that are prepared once per connection, for reads that every request makes.

Django's cursors put the parameters into the SQL text, so that PostgreSQL parses and plans every
query anew, and returns its results as text. That took three quarters of a home timeline's query.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import RawCursor

if TYPE_CHECKING:
    from chirp.db.backend.base import DatabaseWrapper

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
Rows = list[tuple[Any, ...]]
T = TypeVar("T")


class Prepared:
    """A query with placeholders such as `%(viewer)s::bigint`. Each needs a cast to its type.

    One plan serves all parameters, so the query must be written for it: with `id = ANY (...)` over
    an index, and with `MATERIALIZED` where the planner must not merge a subquery into the rest.
    """

    def __init__(self, text: str) -> None:
        self.named = text
        self._names = tuple(dict.fromkeys(PLACEHOLDER.findall(text)))
        self.text = PLACEHOLDER.sub(lambda match: self._position(match[1]), text)
        self._encoded = self.text.encode()

    def _position(self, name: str) -> str:
        return f"${self._names.index(name) + 1}"

    def rows(self, *, using: str = DEFAULT_DB_ALIAS, **parameters: object) -> Rows:
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


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A prepared query with its parameters, and what is made of its rows.

    A selector that returns it leaves it to the caller what else the same statement asks.
    """

    query: Prepared
    parameters: Mapping[str, Any]
    answer_of: Callable[[Rows], T]

    def answer(self) -> T:
        """Run the query on its own."""
        return self.answer_of(self.query.rows(**self.parameters))


def answers(*questions: Question[Any]) -> list[Any]:
    """Return the answers to several questions, which one statement asks.

    A statement costs the same for being sent, however little it asks: as much as a short query.
    """
    statement = _together(tuple(question.query for question in questions))
    parameters: dict[str, Any] = {
        _within(number, name): value
        for number, question in enumerate(questions)
        for name, value in question.parameters.items()
    }
    (found,) = statement.rows(**parameters)
    return [asked.answer_of(rows) for asked, rows in zip(questions, found, strict=True)]


@lru_cache(maxsize=64)
def _together(queries: tuple[Prepared, ...]) -> Prepared:
    """One statement with a column for each query: an array of its rows."""
    columns = (
        f"ARRAY(SELECT q{number} FROM ({_renamed(query.named, number)}) q{number})"  # noqa: S608
        for number, query in enumerate(queries)
    )
    return Prepared("SELECT " + ",\n".join(columns))


def _renamed(text: str, number: int) -> str:
    """The text of a query whose placeholders have names that no other query has."""
    return PLACEHOLDER.sub(lambda match: f"%({_within(number, match[1])})s", text)


def _within(number: int, name: str) -> str:
    return f"{name}_{number}"


def _literal(value: object) -> str | None:
    """A parameter as untyped text, so that there is one plan instead of one per type.

    Psycopg sends a small number with a different type than a large one.
    """
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return None if value is None else str(value)
