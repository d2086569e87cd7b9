"""Rules for hand-written SQL: its location, and the tables of other apps that it reads or writes.

An app writes only its own tables. Its SQL may read tables of lower apps, where a join needs them;
these tables are listed here, so that a new one is a decision and not an accident.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.options import CHECKOUT

APPS = (
    *("chirp", "outbox", "accounts", "people", "media", "tweets"),
    *(
        "filters",
        "lists",
        "timelines",
        "notifications",
        "search",
        "archives",
        "operations",
        "api",
        "mastodon",
        "web",
    ),
)
# Tables of other apps that an app's SQL reads.
READS = {
    "people": {"accounts_user"},
    "tweets": {
        *("accounts_pendingrecount", "accounts_user"),
        *("people_block", "people_follow", "people_mute", "filters_filter"),
    },
    "search": {
        *("accounts_user", "people_block", "people_follow"),
        *("tweets_hashtag", "tweets_like", "tweets_mention", "tweets_tweet"),
    },
    "notifications": {
        *("accounts_user", "people_block", "people_follow", "people_mute"),
        *("tweets_conversationmute", "tweets_like", "tweets_mention", "tweets_tweet"),
    },
    "timelines": {
        *("accounts_user", "people_block", "people_follow", "people_mute", "filters_filter"),
        *("lists_hashtagfollow", "lists_listmember", "lists_peoplelist", "media_media"),
        *("tweets_hashtag", "tweets_like", "tweets_mention", "tweets_poll", "tweets_tweet"),
    },
}
# Modules below chirp/ whose purpose is the database itself.
TOOLS = ("chirp/db/", "chirp/ids.py")
TABLE = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE)\s+(?:ONLY\s+)?([a-z_]+)\b")
WRITES = {"INTO", "UPDATE", "TRUNCATE"}
STATEMENT = re.compile(
    r"\b(SELECT\b.*\bFROM|INSERT\s+INTO|UPDATE\b.*\bSET|DELETE\s+FROM|COPY\b.*\bFROM)\b", re.DOTALL
)
DELETE = re.compile(r"\bDELETE\s+FROM\s+([a-z_]+)")


def sources(app: str) -> Iterator[Path]:
    """The modules of an app, except for tests and migrations."""
    for path in sorted((CHECKOUT / app).rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path


def strings(path: Path) -> Iterator[str]:
    """The string constants of a module without docstrings, including the parts of f-strings."""
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
    """The SQL texts of an app; empty if it has none."""
    return [text for path in sources(app) if is_of_sql(path) for text in strings(path)]


def is_of_sql(path: Path) -> bool:
    """Whether a module is sql.py, or in a package of that name."""
    return path.stem == "sql" or path.parent.name == "sql"


def tables(text: str, app: str) -> Iterator[tuple[str, str]]:
    """A tuple (keyword, table) for each table of another app that a text refers to."""
    for keyword, name in TABLE.findall(text):
        if name.partition("_")[0] in APPS and name.partition("_")[0] != app:
            yield keyword, name


@pytest.mark.parametrize("app", APPS)
def test_hand_written_sql_is_in_one_place(app: str) -> None:
    others = {
        str(path.relative_to(CHECKOUT))
        for path in sources(app)
        if not is_of_sql(path)
        for text in strings(path)
        if STATEMENT.search(text)
    }
    assert {path for path in others if not path.startswith(TOOLS)} == set()


@pytest.mark.parametrize("app", APPS)
def test_sql_reads_exactly_the_listed_tables_of_other_apps(app: str) -> None:
    read = {name for text in statements(app) for _, name in tables(text, app)}
    assert read == READS.get(app, set())


@pytest.mark.parametrize("app", APPS)
def test_sql_writes_no_table_of_another_app(app: str) -> None:
    texts = statements(app)
    written = {name for text in texts for keyword, name in tables(text, app) if keyword in WRITES}
    deleted = {name for text in texts for name in DELETE.findall(text)}
    assert written == set()
    assert {name for name in deleted if not name.startswith(f"{app}_")} == set()


def test_a_statement_that_writes_a_table_of_another_app_is_detected() -> None:
    violation = "UPDATE accounts_user SET likes_count = 1; DELETE FROM people_follow"
    assert list(tables(violation, "tweets")) == [
        ("UPDATE", "accounts_user"),
        ("FROM", "people_follow"),
    ]
    assert DELETE.findall(violation) == ["people_follow"]


# --- The ORM -------------------------------------------------------------------------------------

WRITING = {
    *("create", "bulk_create", "get_or_create", "update_or_create"),
    *("update", "bulk_update", "delete", "save"),
}
# Programs that create test data directly.
GENERATORS = ("demo",)


def foreign_models(tree: ast.Module, app: str) -> set[str]:
    """The names of models that a module imports from other apps."""
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


@pytest.mark.parametrize("app", [app for app in APPS if app not in GENERATORS])
def test_no_app_writes_rows_of_another_one(app: str) -> None:
    found = {}
    for path in sources(app):
        tree = ast.parse(path.read_text())
        if calls := list(writes(tree, foreign_models(tree, app))):
            found[str(path.relative_to(CHECKOUT))] = calls
    assert found == {}


def test_a_write_through_the_orm_is_detected() -> None:
    tree = ast.parse(
        "from accounts.models import User\nUser.objects.filter(pk=1).update(likes_count=2)"
    )
    assert list(writes(tree, foreign_models(tree, "tweets"))) == [
        "User.objects.filter(pk=1).update(likes_count=2)"
    ]
