"""The same rows in several databases: in one table, or in partitions of equal times."""

import re
from itertools import pairwise
from pathlib import Path

import psycopg

from runner.embedded import roles
from tools.partitions.rows import INDEXES, Span

REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND confrelid = 'tweets_tweet'::regclass
"""
BEGIN = """
ALTER TABLE tweets_tweet RENAME TO whole;
CREATE TABLE tweets_tweet (
    LIKE whole INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE
) PARTITION BY RANGE (id);
ALTER TABLE tweets_tweet OWNER TO chirp;
"""
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = 'tweets_tweet'::regclass AND attnum > 0 AND attgenerated = ''
"""


def copy(var: Path, source: str, name: str) -> None:
    """Copy a database that has no connections."""
    with roles.connect(var) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy OWNER chirp")


def partition(database: psycopg.Connection, span: Span, number: int) -> None:
    """Divide the table of tweets into so many partitions, of equal times.

    `manage.py partitions divide` moves no row, so it makes no partitions of what is there already.
    Foreign keys are made anew without a look at the rows.
    """
    references = database.execute(REFERENCES).fetchall()
    indexes = [row[1] for row in database.execute(INDEXES, [["tweets_tweet"]]).fetchall()]
    for table, constraint, _ in references:
        database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    database.execute(BEGIN)
    names = _add(database, span, number)
    columns = ", ".join(name for (name,) in database.execute(COLUMNS).fetchall())
    database.execute(f"INSERT INTO tweets_tweet ({columns}) SELECT {columns} FROM whole")
    database.execute("DROP TABLE whole")
    database.execute("SET maintenance_work_mem = '1GB'")
    database.execute("ALTER TABLE tweets_tweet ADD PRIMARY KEY (id)")
    for definition in indexes:
        _index(database, definition, names)
    for table, constraint, definition in references:
        database.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition} NOT VALID")
    database.execute("VACUUM (FREEZE, ANALYZE) tweets_tweet")


def _add(database: psycopg.Connection, span: Span, number: int) -> list[str]:
    inner = [str(span.id(span.total * at // number)) for at in range(1, number)]
    names = [f"tweets_part_{at}" for at in range(number)]
    for name, (low, high) in zip(names, pairwise(["MINVALUE", *inner, "MAXVALUE"]), strict=True):
        bounds = f"FOR VALUES FROM ({low}) TO ({high})"
        database.execute(f"CREATE TABLE {name} PARTITION OF tweets_tweet {bounds}")
        database.execute(f"ALTER TABLE {name} OWNER TO chirp")
    return names


def _index(database: psycopg.Connection, definition: str, names: list[str]) -> None:
    """Make an index. A unique one without the id is for each partition alone."""
    if " UNIQUE " not in definition:
        database.execute(definition)
        return
    for name in names:
        one = re.sub(r"INDEX \w+ ON [\w.]+", f"INDEX once_{name} ON {name}", definition)
        database.execute(one)
