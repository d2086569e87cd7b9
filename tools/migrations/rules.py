"""Which forms of statements are harmless, and what to write instead of others."""

import re
from typing import NamedTuple


class Rule(NamedTuple):
    """What a statement must not be, why, and what to write instead."""

    pattern: re.Pattern[str]
    problem: str
    remedy: str


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
    "Write it in a form of HARMLESS in tools/migrations/rules.py, or say in `safe_because` why it is.",
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
        "The table may be rewritten, and cannot be read meanwhile.",
        "Add a plain column with `null=True`, and fill it in batches.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_COLUMN}.*\b(?:CHECK\s*\(|UNIQUE\b|PRIMARY KEY\b)",
        "All rows are read, with the table locked for reads and writes.",
        "Add the column without it (no PositiveIntegerField, no `unique`). " + NOT_VALID,
    ),
    _rule(
        r"^CREATE (?:UNIQUE )?INDEX\b(?! CONCURRENTLY)",
        "The table is locked for writes while the index is built.",
        "AddIndexConcurrently in a migration with `atomic = False`; `db_index=False` at the field.",
    ),
    _rule(
        r"^DROP INDEX\b(?! CONCURRENTLY)",
        "It waits for all queries of the table, and all further ones wait for it.",
        "RemoveIndexConcurrently in a migration with `atomic = False`.",
    ),
    _rule(
        r"^REINDEX\b(?!.*\bCONCURRENTLY\b)",
        "The table is locked for writes while the index is built.",
        "REINDEX ... CONCURRENTLY.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_CONSTRAINT}(?!.*\bNOT VALID\b).*\b(?:CHECK|FOREIGN KEY)\b",
        "All rows are read, with the table locked for writes.",
        NOT_VALID,
    ),
    _rule(
        rf"^ALTER TABLE .*{ADD_CONSTRAINT}(?!.*\bUSING INDEX\b).*"
        r"\b(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b",
        "The index is built with the table locked for reads and writes.",
        CONCURRENT_UNIQUE,
    ),
    _rule(
        rf"^ALTER TABLE .*{ALTER_COLUMN}.*\bSET NOT NULL\b",
        "All rows are read with the table locked, and the old version may insert NULL.",
        "Add CHECK (... IS NOT NULL) NOT VALID, validate it, and then set it with `safe_because`.",
    ),
    _rule(
        rf"^ALTER TABLE .*{ALTER_COLUMN}.*\bTYPE\b",
        "The table may be rewritten, and cannot be read meanwhile.",
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
        "The table is locked for reads and writes meanwhile.",
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
