"""`script/tool migrations`: refuses migrations that would stop a running site.

While a migration runs, and until the last process is the new version, the old version serves
requests, and the largest table may have many millions of rows. So a migration may hold no lock for
as long as it takes to read or write a table, must leave everything in place that the old version
uses, and must refuse nothing that it writes. This reads the SQL of the migrations that are newer
than SHIPPED, for which it needs no server. A statement is refused unless it has one of the forms in
HARMLESS, or one of those in FREE and is about a table that the migration creates. CONTRIBUTING.md
says how to write migrations.

A migration for which a rule does not hold says why, as `safe_because` of its class.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import django
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

import tools
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
UNKNOWN = Rule(
    re.compile(""),
    "It is not known to be harmless.",
    "Write it in a form of HARMLESS in tools/migrations.py, or say in `safe_because` why it is.",
)


def _parentheses(depth: int = 12) -> str:
    """Match parentheses that are closed, and what is in them."""
    inside = r"[^()]*+"
    for _ in range(depth):
        inside = rf"(?:[^()]++|\({inside}\))*+"
    return rf"\({inside}\)"


# Parts of SQL. A name with a schema is none of ours, so that statements with one are refused.
NAME = r'(?:"\w+"|\w+)'
PARENTHESES = _parentheses()
EXPRESSION = rf"(?:[^(),]|{PARENTHESES})+"
# Another type may be a domain, and have a check, for which all rows are read or written.
TYPE = (
    r"(?:bigint|integer|int|smallint|boolean|text|varchar|character varying|char|bytea|uuid|jsonb?|"
    r"date|time|interval|timestamptz|(?:timestamp|time) with(?:out)? time zone|timestamp|inet|cidr|"
    r"real|double precision|numeric|tsvector)(?:\(\d+(?:, ?\d+)?\))?(?:\[\d*\])*"
)
# Defaults that PostgreSQL calculates once for all rows. Other functions may be volatile, and then
# it writes all rows.
PLAIN_VALUE = rf"(?:%s|''|-?\d+(?:\.\d+)?|true|false|ARRAY\[\])(?:::{TYPE})?"
VALUE = (
    rf"(?:{PLAIN_VALUE}|CURRENT_TIMESTAMP|CURRENT_DATE|"
    r"(?:now|statement_timestamp|transaction_timestamp)\(\))"
)
DEFAULT = rf"DEFAULT (?:{VALUE}|\({VALUE}\))"
KNOWN_DEFAULT = rf"(?:{DEFAULT}|DEFAULT NULL)(?: (?:NOT )?NULL| COLLATE| CONSTRAINT|,|$)"
DEFERRABLE = r"(?: (?:NOT )?DEFERRABLE)?(?: INITIALLY (?:DEFERRED|IMMEDIATE))?"
REFERENCES = (
    rf"REFERENCES {NAME} ?(?:{PARENTHESES})?"
    r"(?: ON (?:DELETE|UPDATE) (?:CASCADE|RESTRICT|NO ACTION|SET NULL|SET DEFAULT))*"
    rf"{DEFERRABLE}"
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
        rf"(?<!SET )(?<!DROP )\b(?!{KNOWN_DEFAULT})DEFAULT\b)",
        "The table may be rewritten while nobody can read it.",
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
    _rule(r"^DROP (?!INDEX\b|TABLE\b)", "The old version uses it.", TWO_STEPS),
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
    _rule(
        rf"^(?:{NOT_SQL}|(?:DO|CALL|SELECT|EXECUTE)\b)",
        "It runs code, which is not read here.",
        BATCHES,
    ),
]


def _forms(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


def _actions(*patterns: str) -> str:
    """Match an ALTER TABLE that does nothing but what the patterns match."""
    action = f"(?:{'|'.join(patterns)})"
    return rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(?P<table>{NAME}) {action}(?:, ?{action})*"


ROW = rf"\({PLAIN_VALUE}(?:, ?{PLAIN_VALUE})*\)"
INSERT = (
    rf"INSERT INTO (?P<table>{NAME}) ?{PARENTHESES} VALUES ?{ROW}(?:, ?{ROW})*"
    rf"(?: ON CONFLICT(?: {PARENTHESES})? DO NOTHING)?"
)
# Not with IF NOT EXISTS, as the table may be an old one.
NEW_TABLE = re.compile(rf"CREATE TABLE (?P<table>{NAME}) ?{PARENTHESES}", re.IGNORECASE)
# What may be done to a table that the migration creates, which has no rows.
FREE = _forms(
    _actions(rf"(?:ADD|ALTER|DROP)\b{EXPRESSION}"),
    rf"CREATE (?:UNIQUE )?INDEX (?:{NAME} )?ON (?P<table>{NAME}) .+",
    rf"CREATE (?:CONSTRAINT )?TRIGGER {NAME} (?:BEFORE|AFTER) "
    rf"(?:(?!ON\b){NAME},? )+ON (?P<table>{NAME}) .+",
    INSERT,
)
# What may be done to any table: it takes no longer with many rows, and leaves the old version what
# it uses. Whether it refuses rows, and whether it may be in a transaction, is looked at separately.
HARMLESS = _forms(
    _actions(
        # A key of a column that has a default is looked up for each row.
        rf"{ADD_COLUMN} ?(?:IF NOT EXISTS )?{NAME} {TYPE}(?: COLLATE {NAME})?"
        rf"(?: NULL)?(?: DEFAULT NULL)?(?: (?:CONSTRAINT {NAME} )?{REFERENCES})?",
        rf"{ADD_COLUMN} ?(?:IF NOT EXISTS )?{NAME} {TYPE}(?: COLLATE {NAME})? "
        rf"(?:(?:NOT )?NULL {DEFAULT}|{DEFAULT}(?: (?:NOT )?NULL)?)",
        rf"ADD (?:CONSTRAINT {NAME} )?CHECK ?{PARENTHESES}(?: NO INHERIT)? NOT VALID",
        rf"ADD (?:CONSTRAINT {NAME} )?FOREIGN KEY ?{PARENTHESES} {REFERENCES} NOT VALID",
        # A primary key also makes the columns NOT NULL, for which it may read the table.
        rf"ADD (?:CONSTRAINT {NAME} )?UNIQUE USING INDEX {NAME}{DEFERRABLE}",
        rf"DROP CONSTRAINT (?:IF EXISTS )?{NAME}",
        rf"RENAME CONSTRAINT {NAME} TO {NAME}",
        rf"ALTER (?:COLUMN )?{NAME} (?:DROP NOT NULL|SET DEFAULT {EXPRESSION})",
        rf"ALTER (?:COLUMN )?{NAME} SET (?:STATISTICS -?\d+|STORAGE {NAME}|COMPRESSION {NAME})",
        rf"(?:ALTER (?:COLUMN )?{NAME} )?(?:SET|RESET) ?{PARENTHESES}",
    ),
    # Alone, as it reads all rows, and the locks of other actions would last as long.
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{NAME} VALIDATE CONSTRAINT {NAME}",
    rf"CREATE TABLE (?:IF NOT EXISTS )?{NAME} ?{PARENTHESES}",
    rf"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:(?:IF NOT EXISTS )?{NAME} )?ON {NAME} .+",
    rf"DROP INDEX CONCURRENTLY (?:IF EXISTS )?{NAME}",
    rf"REINDEX (?:INDEX|TABLE) CONCURRENTLY {NAME}",
    rf"ALTER INDEX (?:IF EXISTS )?{NAME} RENAME TO {NAME}",
    r"CREATE (?:FUNCTION|PROCEDURE|AGGREGATE|VIEW|SEQUENCE|TYPE|DOMAIN|COLLATION|STATISTICS) .+",
    rf"CREATE SCHEMA (?:IF NOT EXISTS )?{NAME}",
    r"COMMENT ON .+ IS (?:''|%s|NULL)",
    rf"SET CONSTRAINTS {NAME}(?:, ?{NAME})* (?:IMMEDIATE|DEFERRED)",
    INSERT,
)
# What a table refuses from then on, as two groups: the table, and the columns and what they are.
REFUSALS = _forms(
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?({NAME}) .*\bADD (?:CONSTRAINT {NAME} )?"
    r"(?:CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! USING INDEX)(.*)",
    rf"CREATE UNIQUE INDEX\b.*? ON (?:ONLY )?({NAME})(.*)",
)
# Not with IF NOT EXISTS, as the column may be an old one.
ADDED_COLUMN = re.compile(
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?({NAME}) {ADD_COLUMN} ?(?!IF NOT EXISTS)({NAME})",
    re.IGNORECASE,
)
CONCURRENTLY = re.compile(r"^(?:CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY\b", re.IGNORECASE)
VALIDATE = re.compile(r"\bVALIDATE CONSTRAINT\b", re.IGNORECASE)
QUOTED = re.compile(r'"(\w+)"')  # names, as Django writes them
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
    made: set[str] = set()
    for statement in statements:
        if found := NEW_TABLE.fullmatch(statement):
            made.add(_folded(found["table"]))
        if _is_free(statement, made):
            continue
        broken = [rule for rule in RULES if rule.pattern.search(statement)]
        if not broken and not any(form.fullmatch(statement) for form in HARMLESS):
            broken = [UNKNOWN]
        for rule in broken:
            yield statement, rule.problem, rule.remedy


def _is_free(statement: str, made: set[str]) -> bool:
    found = [match for form in FREE if (match := form.fullmatch(statement))]
    return any(_folded(match["table"]) in made for match in found)


def _folded(name: str) -> str:
    """Return the name as PostgreSQL reads it."""
    return name[1:-1] if name.startswith('"') else name.lower()


def _refused_rows(statements: list[str]) -> Iterator[tuple[str, str, str]]:
    """Find constraints and unique indexes for rows as the old version writes them."""
    tables = [found["table"] for each in statements if (found := NEW_TABLE.fullmatch(each))]
    made = {_folded(table) for table in tables}
    columns_added = [found.groups() for each in statements if (found := ADDED_COLUMN.match(each))]
    added = {(_folded(table), _folded(column)) for table, column in columns_added}
    for statement in statements:
        for name, definition in _refusals(statement):
            table = _folded(name)
            columns = QUOTED.findall(definition.partition(" REFERENCES ")[0])
            is_new = columns and all((table, column) in added for column in columns)
            if table not in made and not is_new:
                yield statement, "The old version may write rows that it refuses.", KEEPS_TO_IT


def _refusals(statement: str) -> Iterator[tuple[str, str]]:
    for pattern in REFUSALS:
        if found := pattern.match(statement):
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
    tools.parser(__doc__).parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    django.setup()
    sys.exit(main())
