"""Applies the rules to the statements of new migrations."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from runner.options import CHECKOUT
from tools.migrations.rules import (
    ADDED_COLUMN,
    CONCURRENTLY,
    FREE,
    HARMLESS,
    KEEPS_TO_IT,
    NEW_TABLE,
    QUOTED,
    REFUSALS,
    RULES,
    UNKNOWN,
    VALIDATE,
)
from tools.migrations.statements import statements as statements_of

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


class Problem(NamedTuple):
    """A statement of a migration that breaks a rule."""

    migration: str
    statement: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.problem}\n    {self.statement}\n    {self.remedy}"


def check(migration: Migration, state: ProjectState) -> list[Problem]:
    """Return what is wrong with a migration, which is applied to `state`."""
    if getattr(migration, "safe_because", ""):
        migration.mutate_state(state, preserve=False)
        return []
    statements = list(statements_of(migration, state))
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
