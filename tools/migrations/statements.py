"""The SQL of a migration, read without a server."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tools.migrations.rules import NOT_SQL

POSTGRES = 160_000  # whose SQL is checked; rules and SQL are the same in all that Chirp supports
# What has to be read as a whole: a quote in a comment begins no text, and the other way round.
TOKENS = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)|"""
    r"""(?P<text>(?<![\w$])(?P<tag>\$(?:[a-z_]\w*)?\$).*?(?P=tag)|"""
    r"""(?<!\w)E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')|"""
    r"""(?P<name>"[^"]*")|(?P<end>;)""",
    re.DOTALL | re.IGNORECASE,
)
END = "\0"  # of a statement; PostgreSQL's SQL cannot have this character


class _Editor(DatabaseSchemaEditor):
    """Collects SQL without a server. Names of constraints are not looked up: drops lock little."""

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Keep a statement, with placeholders for its parameters: a server would quote them."""
        self.collected_sql.append(str(sql))

    def _constraint_names(self, *args: Any, **options: Any) -> list[str]:
        return []

    def _is_collation_deterministic(self, collation_name: str) -> bool:
        return False  # otherwise there may be one index more


def statements(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Yield the SQL of a migration, each statement in one line, and without values."""
    if any(_is_code(operation) for operation in migration.operations):
        migration.mutate_state(state, preserve=False)
        yield NOT_SQL
        return
    connection: Any = connections.create_connection(DEFAULT_DB_ALIAS)  # which connects to nothing
    connection.pg_version = POSTGRES
    editor = _Editor(connection, collect_sql=True, atomic=False)
    with editor:
        migration.apply(state, editor, collect_sql=True)
    for text in editor.collected_sql:
        for each in TOKENS.sub(_without_values, text).split(END):
            if statement := " ".join(each.split()):
                yield statement


def _is_code(operation: Operation) -> bool:
    """Whether it may do more than its SQL says, be it within another operation."""
    parts = getattr(operation, "database_operations", ())
    is_django = type(operation).__module__.startswith("django.")
    return not (is_django and operation.reduces_to_sql) or any(map(_is_code, parts))


def _without_values(found: re.Match[str]) -> str:
    if found["comment"]:
        return " "
    if found["text"]:
        return "''"
    return END if found["end"] else found[0]
