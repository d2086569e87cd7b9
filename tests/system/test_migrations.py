"""New migrations stop no running site, and the check refuses those that would."""

from typing import Any

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now

from tools.migrations import SHIPPED, Problem, check, new_migrations

POSITIVE: Any = models.CheckConstraint(condition=models.Q(number__gt=0), name="positive")
UNIQUE: Any = models.UniqueConstraint(fields=["number"], name="only_one")
INDEX = models.Index(fields=["number"], name="by_number")
OTHER = models.ForeignKey("tweets.other", models.CASCADE, null=True, db_index=False)
NO_READ, NO_WRITE = "while nobody can read", "Nobody can write"
REFUSES = "may write rows that it refuses"
OLD_INSERTS, OLD_USES = "The old version inserts rows without", "The old version uses"


def problems(*operations: Operation, atomic: bool = True, **attributes: Any) -> list[Problem]:
    """What is wrong with a migration of a table that exists, and has rows."""
    state = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField(null=True)),
        ("text", models.CharField(max_length=10)),
    ]
    state.add_model(ModelState("tweets", "Row", fields, {"indexes": [], "constraints": []}))
    state.add_model(ModelState("tweets", "Other", [fields[0]]))
    new = {"operations": list(operations), "atomic": atomic, **attributes}
    return check(type("Migration", (migrations.Migration,), new)("0099_new", "tweets"), state)


def add(field: "models.Field[Any, Any]") -> Operation:
    return migrations.AddField("row", "added", field)


def alter(name: str, field: "models.Field[Any, Any]") -> Operation:
    return migrations.AlterField("row", name, field)


def test_new_migrations_stop_no_running_site() -> None:
    found = [problem for each in new_migrations() for problem in check(*each)]
    assert not found, "\n".join(map(str, found))


def test_there_are_no_exceptions_for_migrations_to_come() -> None:
    """SHIPPED is history: new migrations say `safe_because` if a rule does not hold for them."""
    assert sum(SHIPPED.values()) == 65


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        (add(models.IntegerField(default=0)), OLD_INSERTS),
        (add(models.CharField(max_length=5, default="")), OLD_INSERTS),
        (add(models.PositiveIntegerField(db_default=0)), "read while nobody else"),
        (add(models.IntegerField(null=True, unique=True)), "read while nobody else"),
        (add(models.IntegerField(null=True, db_index=True)), NO_WRITE),
        (
            add(
                models.GeneratedField(
                    expression=models.F("number") + 1,
                    output_field=models.IntegerField(),
                    db_persist=True,
                )
            ),
            "rewritten",
        ),
        (alter("number", models.BigIntegerField(null=True)), "rewritten"),
        (alter("number", models.IntegerField(default=0)), "may insert NULL"),
        (alter("text", models.CharField(max_length=5)), "rewritten"),
        (migrations.AddIndex("row", INDEX), NO_WRITE),
        (migrations.AddConstraint("row", POSITIVE), "while nobody can write"),
        (migrations.AddConstraint("row", UNIQUE), "index of the constraint"),
        (AddConstraintNotValid("row", POSITIVE), REFUSES),
        (migrations.AddConstraint("row", UNIQUE), REFUSES),
        (
            migrations.RunSQL("CREATE UNIQUE INDEX CONCURRENTLY x ON tweets_row (number)"),
            REFUSES,
        ),
        (
            migrations.RunSQL("ALTER TABLE tweets_row ADD FOREIGN KEY (number) REFERENCES x (y)"),
            REFUSES,
        ),
        (migrations.RunSQL("ALTER TABLE tweets_row ADD CHECK (number > 0) NOT VALID"), REFUSES),
        (migrations.RunSQL("DROP FUNCTION f"), OLD_USES),
        (migrations.RunSQL("DROP TRIGGER t ON tweets_row"), OLD_USES),
        (migrations.RemoveField("row", "text"), OLD_USES),
        (migrations.RenameField("row", "text", "words"), OLD_USES),
        (migrations.DeleteModel("row"), OLD_USES),
        (migrations.RenameModel("row", "line"), OLD_USES),
        (migrations.AlterModelTable("row", "rows"), OLD_USES),
        (migrations.RunPython(migrations.RunPython.noop), "code"),
        (migrations.RunSQL("UPDATE tweets_row SET number = 1"), "stay locked"),
        (migrations.RunSQL("INSERT INTO tweets_row (id) SELECT 1"), "stay locked"),
        (migrations.RunSQL("-- why\nSELECT 1; delete from tweets_row"), "stay locked"),
        (migrations.RunSQL("TRUNCATE tweets_row"), "Nobody can use"),
        (migrations.RunSQL("LOCK TABLE tweets_row"), "Nobody can use"),
        (migrations.RunSQL("DROP INDEX by_number"), "waits for all queries"),
        (migrations.RunSQL("CREATE UNIQUE INDEX x ON tweets_row (number)"), NO_WRITE),
        (migrations.RunSQL("ALTER TABLE tweets_row ALTER number DROP DEFAULT"), OLD_INSERTS),
        (
            migrations.RunSQL("ALTER TABLE tweets_row ADD FOREIGN KEY (number) REFERENCES x (y)"),
            "while nobody can write",
        ),
        (migrations.RunSQL("ALTER TABLE tweets_row ADD added int NOT NULL"), OLD_INSERTS),
        (migrations.RunSQL("ALTER TABLE ONLY tweets_row DROP number"), OLD_USES),
        (
            migrations.RunSQL("ALTER TABLE tweets_row ADD COLUMN u uuid DEFAULT gen_random_uuid()"),
            "rewritten",
        ),
    ],
)
def test_a_migration_that_stops_a_running_site_is_refused(
    operation: Operation, problem: str
) -> None:
    assert [found for found in problems(operation) if problem in found.problem], problems(operation)


@pytest.mark.parametrize(
    "operation",
    [
        add(models.IntegerField(null=True)),
        add(models.IntegerField(db_default=0)),
        add(models.CharField(max_length=5, db_default="", blank=True)),
        add(models.DateTimeField(db_default=Now())),
        add(OTHER),
        alter("number", models.IntegerField(null=True, help_text="What it counts.")),
        migrations.CreateModel(
            "New",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("number", models.PositiveIntegerField(unique=True, db_index=True)),
                ("row", models.ForeignKey("tweets.row", models.CASCADE)),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("row", "text")]
        ),
        migrations.RunSQL("ALTER TABLE tweets_row DROP CONSTRAINT positive"),
        migrations.RunSQL("ALTER TABLE tweets_row ALTER number DROP NOT NULL"),
        migrations.RunSQL("COMMENT ON TABLE tweets_row IS 'UPDATE; DROP TABLE tweets_row'"),
        migrations.RunSQL("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ UPDATE x SET y $$"),
    ],
)
def test_a_migration_that_holds_no_long_lock_is_accepted(operation: Operation) -> None:
    assert problems(operation) == []


def test_an_index_is_built_outside_of_a_transaction() -> None:
    assert problems(AddIndexConcurrently("row", INDEX), atomic=False) == []
    (refused,) = problems(AddIndexConcurrently("row", INDEX))
    assert "in a transaction" in refused.problem


def test_an_index_is_removed_outside_of_a_transaction() -> None:
    both = AddIndexConcurrently("row", INDEX), RemoveIndexConcurrently("row", "by_number")
    assert problems(*both, atomic=False) == []
    assert len(problems(*both)) == 2


def test_a_constraint_for_a_new_column_is_accepted() -> None:
    """The old version leaves it to its default, or NULL."""
    new = add(models.IntegerField(null=True))
    positive = models.CheckConstraint(condition=models.Q(added__gt=0), name="positive")
    assert problems(new, AddConstraintNotValid("row", positive)) == []
    both = models.Q(added__gt=models.F("number"))
    compared = models.CheckConstraint(condition=both, name="more")
    (refused,) = problems(new, AddConstraintNotValid("row", compared))
    assert REFUSES in refused.problem


def test_a_constraint_is_validated_in_a_migration_of_its_own() -> None:
    added, validated = AddConstraintNotValid("row", POSITIVE), ValidateConstraint("row", "positive")
    assert problems(validated) == []
    assert [each for each in problems(added, validated) if "until all rows" in each.problem]
    assert not [each for each in problems(added) if "until all rows" in each.problem]


def test_a_migration_may_say_why_a_rule_does_not_hold() -> None:
    grows = alter("text", models.CharField(max_length=20))
    assert problems(grows)
    assert problems(grows, safe_because="a varchar that grows is not rewritten") == []
