"""Hand-written SQL: where it stands, which tables of other apps it reads, and that it writes none.

An app writes its own tables alone. It may read those of apps below it, where a join decides; which
ones is listed here, so that a new one is a decision and not an accident.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.options import CHECKOUT

APPS = ("chirp", "outbox", "accounts", "people", "tweets", "timelines", "operations", "api", "web")
# Tables of other apps that an app's SQL reads.
READS = {
    "people": {"accounts_user"},
    "tweets": {"accounts_user", "people_block", "people_follow", "people_mute"},
    "timelines": {
        *("accounts_user", "people_block", "people_follow", "people_mute"),
        *("tweets_mention", "tweets_tweet"),
    },
}
# Modules below chirp/ whose business is the database itself.
TOOLS = ("chirp/db/", "chirp/ids.py")
TABLE = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE)\s+(?:ONLY\s+)?([a-z_]+)\b")
WRITES = {"INTO", "UPDATE", "TRUNCATE"}
STATEMENT = re.compile(
    r"\b(SELECT\b.*\bFROM|INSERT\s+INTO|UPDATE\b.*\bSET|DELETE\s+FROM|COPY\b.*\bFROM)\b", re.DOTALL
)
DELETE = re.compile(r"\bDELETE\s+FROM\s+([a-z_]+)")


def sources(app: str) -> Iterator[Path]:
    """The modules of an app, without tests and migrations."""
    for path in sorted((CHECKOUT / app).rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path


def strings(path: Path) -> Iterator[str]:
    """The string constants of a module, docstrings left out; an f-string in one piece."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def statements(app: str) -> list[str]:
    """The texts of an app's sql.py, if it has one."""
    path = CHECKOUT / app / "sql.py"
    return list(strings(path)) if path.exists() else []


def tables(text: str, app: str) -> Iterator[tuple[str, str]]:
    """(keyword, table) for each table of any of our apps that a text names."""
    for keyword, name in TABLE.findall(text):
        if name.partition("_")[0] in APPS and name.partition("_")[0] != app:
            yield keyword, name


@pytest.mark.parametrize("app", APPS)
def test_hand_written_sql_stands_in_one_module(app: str) -> None:
    elsewhere = {
        str(path.relative_to(CHECKOUT))
        for path in sources(app)
        if path.name != "sql.py"
        for text in strings(path)
        if STATEMENT.search(text)
    }
    assert {path for path in elsewhere if not path.startswith(TOOLS)} == set()


@pytest.mark.parametrize("app", APPS)
def test_sql_reads_the_tables_of_others_that_are_listed_and_no_more(app: str) -> None:
    path = CHECKOUT / app / "sql.py"
    read = (
        {name for text in strings(path) for _, name in tables(text, app)} if path.exists() else {}
    )
    assert set(read) == READS.get(app, set())


@pytest.mark.parametrize("app", APPS)
def test_sql_writes_no_table_of_another_app(app: str) -> None:
    texts = statements(app)
    written = {name for text in texts for keyword, name in tables(text, app) if keyword in WRITES}
    deleted = {name for text in texts for name in DELETE.findall(text)}
    assert written == set()
    assert {name for name in deleted if not name.startswith(f"{app}_")} == set()


def test_a_statement_that_writes_anothers_table_would_be_found() -> None:
    wrong = "UPDATE accounts_user SET likes_count = 1; DELETE FROM people_follow"
    assert list(tables(wrong, "tweets")) == [
        ("UPDATE", "accounts_user"),
        ("FROM", "people_follow"),
    ]
    assert DELETE.findall(wrong) == ["people_follow"]


# --- The ORM -------------------------------------------------------------------------------------

WRITING = {
    *("create", "bulk_create", "get_or_create", "update_or_create"),
    *("update", "bulk_update", "delete", "save"),
}
# Programs that make a town rather than live in it.
MAKERS = ("demo",)


def foreign_models(tree: ast.Module, app: str) -> set[str]:
    """The names of models that a module imports from another app."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models")
        if (node.module or "").partition(".")[0] in APPS
        if (node.module or "").partition(".")[0] != app
        for alias in node.names
    }


def writes(tree: ast.Module, models: set[str]) -> Iterator[str]:
    """Calls such as `User.objects.filter(...).update(...)` on one of these models."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        root: ast.expr = node.func.value
        while isinstance(root, ast.Call | ast.Attribute):
            root = root.func if isinstance(root, ast.Call) else root.value
        if node.func.attr in WRITING and isinstance(root, ast.Name) and root.id in models:
            yield ast.unparse(node)[:80]


@pytest.mark.parametrize("app", [app for app in APPS if app not in MAKERS])
def test_no_app_writes_rows_of_another_one(app: str) -> None:
    found = {}
    for path in sources(app):
        tree = ast.parse(path.read_text())
        if calls := list(writes(tree, foreign_models(tree, app))):
            found[str(path.relative_to(CHECKOUT))] = calls
    assert found == {}


def test_a_write_by_the_orm_would_be_found() -> None:
    tree = ast.parse(
        "from accounts.models import User\nUser.objects.filter(pk=1).update(likes_count=2)"
    )
    assert list(writes(tree, foreign_models(tree, "tweets"))) == [
        "User.objects.filter(pk=1).update(likes_count=2)"
    ]
