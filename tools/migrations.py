"""Refuses migrations that would stop a running site: `python -m tools.migrations`.

While a migration runs, and until the last process is the new version, the old version serves
requests, and the largest table may have many millions of rows. So a migration may hold no lock for
as long as it takes to read or write a table, must leave everything in place that the old version
uses, and must refuse nothing that it writes. This reads the SQL of the migrations that are newer
than SHIPPED, for which it needs no server. CONTRIBUTING.md says how to write them.

A migration for which a rule does not hold says why, as `safe_because` of its class.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import django
import sqlparse
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from runner.options import CHECKOUT

POSTGRES = 160_000  # whose SQL is checked; rules and SQL are the same in all that Chirp supports
# The last migration of each app that was there before this check.
SHIPPED = {
    "accounts": 17,
    "archives": 4,
    "chirp": 1,
    "filters": 1,
    "lists": 1,
    "media": 4,
    "moderation": 4,
    "notifications": 3,
    "operations": 2,
    "outbox": 2,
    "people": 5,
    "search": 2,
    "timelines": 1,
    "tweets": 18,
}


class Rule(NamedTuple):
    """What a statement must not be, why, and what to write instead."""

    pattern: re.Pattern[str]
    problem: str
    remedy: str


class Problem(NamedTuple):
    """A statement of a migration that breaks a rule."""

    migration: str
    statement: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.problem}\n    {self.statement}\n    {self.remedy}"


def _rule(pattern: str, problem: str, remedy: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), problem, remedy)


NOT_SQL = "-- THIS OPERATION CANNOT BE WRITTEN AS SQL"  # Django's text for Python code
TWO_STEPS = "Stop using it in one release; drop it in a later one, with `safe_because`."
NOT_VALID = "Add it NOT VALID (AddConstraintNotValid), and validate it in another migration."
CONCURRENT_UNIQUE = (
    "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX, which both are RunSQL."
)
KEEPS_TO_IT = (
    "Let one release keep to it, and add it in the next, with `safe_because`. Columns that the "
    "same migration adds are free."
)
BATCHES = (
    "Write a command that changes a few thousand rows at a time, or say in `safe_because` why not."
)
# The word COLUMN, and that and the name of a constraint, can be left out.
CONSTRAINTS = r"(?:CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY|EXCLUDE)\b"
ADD_COLUMN = rf"\bADD (?:COLUMN\b|(?!{CONSTRAINTS}))"
ADD_CONSTRAINT = rf"\bADD (?={CONSTRAINTS})"
ALTER_COLUMN = r"\bALTER (?:COLUMN\b|(?!CONSTRAINT\b))"
DROP_COLUMN = r"\bDROP (?:COLUMN\b|(?!(?:CONSTRAINT|DEFAULT|NOT|EXPRESSION|IDENTITY)\b))"
RULES = [
    _rule(
        rf"^ALTER TABLE .*{ADD_COLUMN}(?!.*\bDEFAULT\b).*(?<!IS )\bNOT NULL\b",
        "The old version inserts rows without the new column.",
        "Give the field a `db_default`, or `null=True`.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ALTER_COLUMN}.*\bDROP DEFAULT\b",
        "The old version inserts rows without the column.",
        "Give the field a `db_default`, not only a `default`.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_COLUMN}.*(?:\bSTORED\b|\bIDENTITY\b|\b(?:small|big)?serial\b|"
        r"\bDEFAULT\b.*\b(?:nextval|random|gen_random_uuid|clock_timestamp|timeofday)\b)",
        "The table is rewritten while nobody can read it.",
        "Add a plain column with `null=True`, and fill it in batches.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_COLUMN}.*\b(?:CHECK\s*\(|UNIQUE\b|PRIMARY KEY\b)",
        "The table is read while nobody else can read or write it.",
        "Add the column without it (no PositiveIntegerField, no `unique`). " + NOT_VALID,
    ),
    _rule(
        r"^CREATE (?:UNIQUE )?INDEX\b(?! CONCURRENTLY)",
        "Nobody can write to the table while the index is built.",
        "AddIndexConcurrently in a migration with `atomic = False`; `db_index=False` at the field.",
    ),
    _rule(
        r"^DROP INDEX\b(?! CONCURRENTLY)",
        "It waits for all queries of the table, and all further ones wait for it.",
        "RemoveIndexConcurrently in a migration with `atomic = False`.",
    ),
    _rule(
        r"^REINDEX\b(?!.*\bCONCURRENTLY\b)",
        "Nobody can write to the table while the index is built.",
        "REINDEX ... CONCURRENTLY.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_CONSTRAINT}(?!.*\bNOT VALID\b).*\b(?:CHECK|FOREIGN KEY)\b",
        "The table is read while nobody can write to it.",
        NOT_VALID,
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_CONSTRAINT}(?!.*\bUSING INDEX\b).*"
        r"\b(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b",
        "The index of the constraint is built while nobody can read or write the table.",
        CONCURRENT_UNIQUE,
    ),
    _rule(
        rf"^ALTER TABLE .*{ALTER_COLUMN}.*\bSET NOT NULL\b",
        "The table is read while nobody can use it, and the old version may insert NULL.",
        "Add CHECK (... IS NOT NULL) NOT VALID, validate it, and then set it with `safe_because`.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ALTER_COLUMN}.*\bTYPE\b",
        "The table may be rewritten while nobody can read it.",
        "Add a column of the new type. A varchar that grows is not rewritten: `safe_because`.",
    ),
    _rule(rf"^ALTER TABLE .*{DROP_COLUMN}", "The old version uses the column.", TWO_STEPS),
    _rule(r"^DROP TABLE\b", "The old version uses the table.", TWO_STEPS),
    _rule(
        r"^DROP (?:FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|TYPE|DOMAIN|(?:MATERIALIZED )?VIEW)\b",
        "The old version uses it.",
        TWO_STEPS,
    ),
    _rule(
        r"^ALTER TABLE (?!.*\bRENAME CONSTRAINT\b).*\bRENAME\b",
        "The old version uses the old name.",
        "Keep it in the database (`db_column`, `db_table`), or add the new one and copy.",
    ),
    _rule(
        r"^(?:CLUSTER|VACUUM|TRUNCATE|LOCK)\b|"
        r"^ALTER TABLE .*\bSET (?:TABLESPACE|LOGGED|UNLOGGED|ACCESS METHOD)\b",
        "Nobody can use the table meanwhile.",
        "Leave it out, or say in `safe_because` why it is short.",
    ),
    _rule(
        r"^(?:UPDATE|DELETE|MERGE|WITH)\b|^INSERT\b.*\bSELECT\b",
        "All rows that it changes stay locked until it ends.",
        BATCHES,
    ),
    _rule(f"^{NOT_SQL}", "It runs code, which is not read here.", BATCHES),
]
# What a table refuses from then on, as two groups: the table, and the columns and what they are.
REFUSALS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r'^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?"?(\w+)"? .*\bADD (?:CONSTRAINT "?\w+"? )?'
        r"(?:CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! USING INDEX)(.*)",
        r'^CREATE UNIQUE INDEX\b.*? ON (?:ONLY )?"?(\w+)"?(.*)',
    )
]
ADDED_COLUMN = re.compile(
    rf'^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?"?(\w+)"? {ADD_COLUMN} ?(?:IF NOT EXISTS )?"?(\w+)',
    re.IGNORECASE,
)
CONCURRENTLY = re.compile(r"^(?:CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY\b", re.IGNORECASE)
VALIDATE = re.compile(r"\bVALIDATE CONSTRAINT\b", re.IGNORECASE)
TABLE = re.compile(
    r"^(?:ALTER TABLE (?:IF EXISTS )?(?:ONLY )?|.*? ON (?:ONLY )?|CREATE TABLE (?:IF NOT EXISTS )?|"
    r'UPDATE (?:ONLY )?|DELETE FROM (?:ONLY )?|INSERT INTO )"?(\w+)',
    re.IGNORECASE,
)
QUOTED = re.compile(r'"(\w+)"')  # names, as Django writes them
LITERALS = re.compile(r"(\$\w*\$).*?\1|'(?:[^']|'')*'", re.DOTALL)


class _Editor(DatabaseSchemaEditor):
    """Collects SQL without a server. Names of constraints are not looked up: drops lock little."""

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Keep a statement, with placeholders for its parameters: a server would quote them."""
        self.collected_sql.append(str(sql))

    def _constraint_names(self, *args: Any, **options: Any) -> list[str]:
        return []

    def _is_collation_deterministic(self, collation_name: str) -> bool:
        return False  # otherwise there may be one index more


def check(migration: Migration, state: ProjectState) -> list[Problem]:
    """Return what is wrong with a migration, which is applied to `state`."""
    if getattr(migration, "safe_because", ""):
        migration.mutate_state(state, preserve=False)
        return []
    statements = list(_statements(migration, state))
    found = [
        *_broken_rules(statements),
        *_refused_rows(statements),
        *_wrong_transactions(statements, migration),
    ]
    return [Problem(f"{migration.app_label}.{migration.name}", *problem) for problem in found]


def _broken_rules(statements: list[str]) -> Iterator[tuple[str, str, str]]:
    new_tables: set[str] = set()
    for statement in statements:
        table = _table(statement)
        if statement.upper().startswith("CREATE TABLE"):
            new_tables.add(table)
        if table in new_tables:
            continue
        for rule in RULES:
            if rule.pattern.search(statement):
                yield statement, rule.problem, rule.remedy


def _refused_rows(statements: list[str]) -> Iterator[tuple[str, str, str]]:
    """Find constraints and unique indexes for rows as the old version writes them."""
    made = {_table(each) for each in statements if each.upper().startswith("CREATE TABLE")}
    added = {found.groups() for each in statements if (found := ADDED_COLUMN.search(each))}
    for statement in statements:
        for table, definition in _refusals(statement):
            columns = QUOTED.findall(definition.partition(" REFERENCES ")[0])
            is_new = columns and all((table, column) in added for column in columns)
            if table not in made and not is_new:
                yield statement, "The old version may write rows that it refuses.", KEEPS_TO_IT


def _refusals(statement: str) -> Iterator[tuple[str, str]]:
    for pattern in REFUSALS:
        if found := pattern.search(statement):
            yield found[1], found[2]


def _wrong_transactions(
    statements: list[str], migration: Migration
) -> Iterator[tuple[str, str, str]]:
    """Find what must be in a transaction of its own."""
    if not migration.atomic:
        return
    for statement in statements:
        if CONCURRENTLY.search(statement):
            yield statement, "PostgreSQL refuses it in a transaction.", "`atomic = False`."
        if VALIDATE.search(statement) and len(statements) > 1:
            problem = "The locks of the other statements last until all rows are read."
            yield statement, problem, "Validate in a migration of its own."


def _statements(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Yield the SQL of a migration, each statement in one line, and without values."""
    connection: Any = connections.create_connection(DEFAULT_DB_ALIAS)  # which connects to nothing
    connection.pg_version = POSTGRES
    editor = _Editor(connection, collect_sql=True, atomic=False)
    with editor:
        migration.apply(state, editor, collect_sql=True)
    for text in editor.collected_sql:
        if text == NOT_SQL:
            yield text
        for each in sqlparse.split(LITERALS.sub("''", text)):
            if statement := " ".join(sqlparse.format(each, strip_comments=True).split()):
                yield statement


def _table(statement: str) -> str:
    found = TABLE.match(statement)
    return found[1] if found else ""


def new_migrations() -> Iterator[tuple[Migration, ProjectState]]:
    """Yield the migrations after SHIPPED, each with the state before it."""
    graph = MigrationLoader(None).graph
    # The virtual environment may be in the checkout.
    ours = {
        each.label
        for each in apps.get_app_configs()
        if CHECKOUT in Path(each.path).parents and "site-packages" not in Path(each.path).parts
    }
    state = ProjectState()
    for label, name in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        migration = graph.nodes[label, name]
        if label in ours and _number(name) > SHIPPED.get(label, 0):
            yield migration, state
        else:
            state = migration.mutate_state(state, preserve=False)


def _number(name: str) -> int:
    digits = re.match(r"\d+", name)
    return int(digits[0]) if digits else sys.maxsize


def main() -> int:
    """Print what is wrong with new migrations, and return the exit status."""
    problems = [problem for each in new_migrations() for problem in check(*each)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    django.setup()
    sys.exit(main())
