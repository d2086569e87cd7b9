"""Compares two states of a database with what an old version uses of it."""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg

COLUMNS = """
SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.atthasdef OR a.attidentity <> ''
FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
"""
# Each with the columns that it is about. A unique constraint is its index.
REFUSALS = """
SELECT t.relname, array_agg(a.attname::text ORDER BY a.attname), pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('c', 'f', 'x')
GROUP BY t.relname, c.oid
UNION ALL
SELECT t.relname, array_agg(a.attname::text ORDER BY a.attname),
    'UNIQUE' || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    LEFT JOIN pg_depend d ON d.objid = i.indexrelid AND d.refobjid = t.oid AND d.refobjsubid > 0
    JOIN pg_attribute a ON a.attrelid = t.oid
        AND (a.attnum = ANY (i.indkey::smallint[]) OR a.attnum = d.refobjsubid)
WHERE t.relnamespace = 'public'::regnamespace AND i.indisunique
GROUP BY t.relname, i.indexrelid
"""
OTHERS = """
SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION
SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
UNION
SELECT 'trigger ' || tgname || ' of ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
"""
VARCHAR = "character varying("
UNIQUE = "UNIQUE"


class Column(NamedTuple):
    """What a column takes."""

    type: str
    not_null: bool
    has_default: bool


class Refusal(NamedTuple):
    """A constraint or unique index: which rows a table refuses."""

    table: str
    columns: tuple[str, ...]
    definition: str


class Schema(NamedTuple):
    """The tables of a database, and what else is in it."""

    columns: dict[tuple[str, str], Column]
    refusals: set[Refusal]
    others: set[str]


def read(url: str) -> Schema:
    """Return what a database has."""
    with psycopg.connect(url) as connection:
        columns = connection.execute(COLUMNS).fetchall()
        refusals = connection.execute(REFUSALS).fetchall()
        others = connection.execute(OTHERS).fetchall()
    return Schema(
        {(table, name): Column(*column) for table, name, *column in columns},
        {Refusal(table, tuple(names), definition) for table, names, definition in refusals},
        {name for (name,) in others},
    )


def problems(old: Schema, new: Schema, used: set[tuple[str, str]]) -> list[str]:
    """Return what an old version cannot do any more, which uses these columns (table, name)."""
    return sorted(
        [*_used_columns(old, new, used), *_new_columns(old, new), *_refusals(old, new, used)]
        + [f"{name} is gone." for name in old.others - new.others]
    )


def _used_columns(old: Schema, new: Schema, used: set[tuple[str, str]]) -> Iterator[str]:
    for key in used:
        before, after, name = old.columns[key], new.columns.get(key), ".".join(key)
        if after is None:
            yield f"{name} is gone."
            continue
        if before.type != after.type and not _is_longer(before.type, after.type):
            yield f"{name} was {before.type} and is {after.type}."
        if after.not_null and not before.not_null:
            yield f"{name} may be NULL no longer."
        if before.has_default and not after.has_default:
            yield f"{name} has no default any more."


def _new_columns(old: Schema, new: Schema) -> Iterator[str]:
    tables = {table for table, _ in old.columns}
    for key, column in new.columns.items():
        is_new = key not in old.columns and key[0] in tables
        if is_new and column.not_null and not column.has_default:
            yield f"{'.'.join(key)} is new, and must have a value: rows of the old version do not."


def _refusals(old: Schema, new: Schema, used: set[tuple[str, str]]) -> Iterator[str]:
    for added in new.refusals - old.refusals:
        concerned = [(added.table, column) for column in added.columns]
        if used.intersection(concerned):
            yield f"{added.table} refuses rows of the old version: {added.definition}"
    for removed in old.refusals - new.refusals:
        concerned = [(removed.table, column) for column in removed.columns]
        if removed.definition.startswith(UNIQUE) and used.intersection(concerned):
            yield f"{removed.table} lacks what ON CONFLICT may need: {removed.definition}"


def _is_longer(before: str, after: str) -> bool:
    """Whether every value of a type of text fits into another."""
    if not before.startswith(VARCHAR):
        return False
    return after == "text" or (after.startswith(VARCHAR) and _length(after) >= _length(before))


def _length(varchar: str) -> int:
    return int(varchar.removeprefix(VARCHAR).rstrip(")"))
