"""What `script/tool upgrade` says of the tables that it compares."""

from pathlib import Path

import pytest
from django.db import connection

from runner.embedded import database_url
from tests.plugin import VAR
from tools.upgrade.schema import Column, Refusal, Schema, problems, read
from tools.upgrade.site import CannotRun, Version

MANAGE = """
import sys
print("WARNING: it is old", file=sys.stderr)
if sys.argv[1] == "migrate":
    try:
        raise ValueError("no column")
    except ValueError as error:
        raise RuntimeError("LINE 1: no column\\nDETAIL: of that name") from error
sys.exit(sys.argv[1] == "check")
"""
NUMBER, TEXT = ("tweets", "number"), ("tweets", "text")
OLD = Schema(
    columns={
        NUMBER: Column("integer", not_null=False, has_default=True),
        TEXT: Column("character varying(10)", not_null=True, has_default=False),
        ("tweets", "unused"): Column("integer", not_null=False, has_default=False),
    },
    refusals={
        Refusal("tweets", ("number",), "UNIQUE USING btree (number)"),
        Refusal("tweets", ("number",), "CHECK ((number > 0))"),
    },
    others={"function f"},
)


@pytest.fixture
def version(tmp_path: Path) -> Version:
    (tmp_path / "log").mkdir()
    (tmp_path / "manage.py").write_text(MANAGE)
    return Version(tmp_path, tmp_path / "old")


def test_a_version_that_cannot_be_upgraded_is_said_in_a_sentence(version: Version) -> None:
    with pytest.raises(CannotRun) as failed:
        version.manage("migrate")
    assert str(failed.value).startswith(
        "manage.py migrate of the old version failed: RuntimeError: LINE 1: no column "
    )
    assert "Traceback" in (version.var.parent / "log" / "old-commands").read_text()


def test_a_command_without_a_traceback_fails_with_its_last_line(version: Version) -> None:
    with pytest.raises(CannotRun, match=r"manage\.py check of the old version failed: WARNING: "):
        version.manage("check")
    version.manage("collectstatic")


def said_of(new: Schema) -> list[str]:
    """What an old version cannot do any more that uses the number and the text."""
    return problems(OLD, new, used={NUMBER, TEXT})


def with_column(key: tuple[str, str], column: Column) -> Schema:
    return OLD._replace(columns={**OLD.columns, key: column})


def with_refusal(*columns: str, definition: str) -> Schema:
    return OLD._replace(refusals={*OLD.refusals, Refusal("tweets", columns, definition)})


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD._replace(columns={TEXT: OLD.columns[TEXT]}), "tweets.number is gone."),
        (OLD._replace(others=set()), "function f is gone."),
        (with_column(NUMBER, Column("bigint", False, True)), "was integer and is bigint"),
        (with_column(NUMBER, Column("integer", True, True)), "may be NULL no longer"),
        (with_column(NUMBER, Column("integer", False, False)), "has no default any more"),
        (with_column(TEXT, Column("character varying(5)", True, False)), "varying(5)"),
        (with_column(("tweets", "added"), Column("integer", True, False)), "must have a value"),
        (with_refusal("added", "number", definition="CHECK ((added > number))"), "refuses rows"),
        (with_refusal("text", definition="UNIQUE USING btree (text)"), "refuses rows"),
        (OLD._replace(refusals=set()), "ON CONFLICT"),
    ],
)
def test_what_the_old_version_cannot_do_is_said(new: Schema, said: str) -> None:
    (found,) = said_of(new)
    assert said in found


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        OLD._replace(columns={NUMBER: OLD.columns[NUMBER], TEXT: OLD.columns[TEXT]}),
        with_column(("tweets", "added"), Column("integer", False, False)),
        with_column(("tweets", "added"), Column("integer", True, True)),
        with_column(("others", "id"), Column("integer", True, False)),
        with_column(TEXT, Column("character varying(20)", True, False)),
        with_column(TEXT, Column("text", True, False)),
        with_column(TEXT, Column("character varying(10)", False, False)),
        with_refusal("added", definition="CHECK ((added > 0))"),
    ],
)
def test_what_the_old_version_does_not_notice_is_accepted(new: Schema) -> None:
    assert said_of(new) == []


@pytest.mark.django_db
def test_a_real_database_is_read() -> None:
    server, _, _ = database_url(VAR).rpartition("/")
    found = read(f"{server}/{connection.settings_dict['NAME']}")
    assert found.columns["tweets_tweet", "text"].not_null
    definitions = {each.definition for each in found.refusals if each.table == "people_follow"}
    assert any(each.startswith("UNIQUE USING btree") for each in definitions)
    assert any(each.startswith("CHECK") for each in definitions)
    assert any(each.startswith("FOREIGN KEY") for each in definitions)
