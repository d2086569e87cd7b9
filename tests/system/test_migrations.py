"""New migrations stop no running site, and the check refuses those that would."""

from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now, Random

from tools.migrations.checking import SHIPPED, Problem, check, new_migrations

POSITIVE: Any = models.CheckConstraint(condition=models.Q(number__gt=0), name="positive")
UNIQUE: Any = models.UniqueConstraint(fields=["number"], name="only_one")
INDEX = models.Index(fields=["number"], name="by_number")
OTHER = models.ForeignKey("tweets.other", models.CASCADE, null=True, db_index=False)
NO_READ, NO_WRITE = "cannot be read meanwhile", "locked for writes while"
REFUSES, UNKNOWN = "may write rows that it refuses", "not known to be harmless"
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
        (
            add(models.PositiveIntegerField(db_default=0)),
            "locked for reads and writes.",
        ),
        (
            add(models.IntegerField(null=True, unique=True)),
            "locked for reads and writes.",
        ),
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
        (migrations.AddConstraint("row", POSITIVE), "locked for writes"),
        (migrations.AddConstraint("row", UNIQUE), "index is built with the table locked"),
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
        (migrations.RunSQL("TRUNCATE tweets_row"), "locked for reads and writes meanwhile"),
        (migrations.RunSQL("LOCK TABLE tweets_row"), "locked for reads and writes meanwhile"),
        (migrations.RunSQL("DROP INDEX by_number"), "waits for all queries"),
        (migrations.RunSQL("CREATE UNIQUE INDEX x ON tweets_row (number)"), NO_WRITE),
        (migrations.RunSQL("ALTER TABLE tweets_row ALTER number DROP DEFAULT"), OLD_INSERTS),
        (
            migrations.RunSQL("ALTER TABLE tweets_row ADD FOREIGN KEY (number) REFERENCES x (y)"),
            "locked for writes",
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
        add(models.UUIDField(null=True)),
        add(models.JSONField(db_default={})),
        add(models.DecimalField(max_digits=5, decimal_places=2, db_default=0)),
        add(ArrayField(models.CharField(max_length=5), db_default=[])),
        add(models.TextField(db_default="", db_collation="C", db_comment="What it is.")),
        alter("number", models.IntegerField(null=True, db_default=1)),
        migrations.RunSQL("ALTER TABLE tweets_row ADD added date DEFAULT NULL"),
        migrations.RunSQL("ALTER TABLE tweets_row ADD added int NOT NULL DEFAULT (-1), ADD b text"),
        migrations.RunSQL("ALTER TABLE tweets_row SET (fillfactor = 70)"),
        migrations.RunSQL("ALTER TABLE tweets_row ALTER number SET STATISTICS 500"),
        migrations.RunSQL("ALTER INDEX a RENAME TO b"),
        migrations.RunSQL("CREATE VIEW v AS SELECT 1"),
        migrations.RunSQL("INSERT INTO tweets_row (id, text) VALUES (1, 'a'), (2, 'b')"),
        migrations.RunSQL(
            [
                "CREATE TABLE new (id int)",
                "CREATE INDEX by_id ON new (id)",
                "CREATE TRIGGER t BEFORE UPDATE OR DELETE ON new EXECUTE FUNCTION f()",
                "ALTER TABLE NEW ADD number int NOT NULL, DROP id, ALTER number TYPE bigint",
            ]
        ),
    ],
)
def test_a_migration_that_holds_no_long_lock_is_accepted(operation: Operation) -> None:
    assert problems(operation) == []


@pytest.mark.parametrize(
    "default",
    [
        models.Func(function="uuidv7"),
        models.Func(function="gen_random_uuid"),
        models.Func(function="a_function_of_ours"),
        Random(),
        Now() + Random(),
        models.Value(1) + Random(),
    ],
)
def test_a_default_that_may_be_volatile_is_refused(default: Any) -> None:
    added = add(models.FloatField(db_default=default))
    assert [found for found in problems(added) if "rewritten" in found.problem]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "column",
    [
        "added text",
        "added varchar(5) DEFAULT 'a' NOT NULL",
        "added varchar(5) COLLATE \"C\" DEFAULT 'a' NOT NULL",
        "added numeric(5, 2) NOT NULL DEFAULT (-1.5)",
        "added bigint[] DEFAULT ARRAY[]::bigint[] NOT NULL",
        "added jsonb DEFAULT '{}'::jsonb NOT NULL",
        "added interval DEFAULT '1 day'",
        "added timestamp with time zone DEFAULT (STATEMENT_TIMESTAMP()) NOT NULL",
        "added timestamptz DEFAULT now()",
        "added date DEFAULT CURRENT_DATE",
        "added time DEFAULT CURRENT_TIMESTAMP",
        "added tsvector DEFAULT 'a'",
        "added boolean DEFAULT false, ADD more uuid DEFAULT NULL",
    ],
)
def test_postgresql_does_not_rewrite_the_table_for_an_accepted_column(column: str) -> None:
    statement = f"ALTER TABLE tweets_row ADD COLUMN {column}"
    assert problems(migrations.RunSQL([statement])) == []
    assert not is_rewritten(statement)


@pytest.mark.django_db
def test_postgresql_rewrites_the_table_for_a_volatile_default() -> None:
    assert is_rewritten("ALTER TABLE tweets_row ADD COLUMN added float DEFAULT random()")


def is_rewritten(statement: str) -> bool:
    """Whether PostgreSQL writes all rows of a table for this statement."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tweets_row AS SELECT 1 AS number")
        files = set()
        for each in ("SELECT 1", statement):
            cursor.execute(each)
            cursor.execute("SELECT pg_relation_filenode('tweets_row')")
            files.add(cursor.fetchone())
    return len(files) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN UPDATE tweets_row SET number = 1; END $$",
        "CALL f()",
        "SELECT f()",
        "SELECT count(*) FROM tweets_row",
        "VALUES (f())",
        "TABLE tweets_row",
        "EXECUTE prepared",
        "COPY tweets_row FROM STDIN",
        "COMMIT",
        "SET search_path = other",
        "SET ROLE other",
        "REFRESH MATERIALIZED VIEW v",
        "CREATE MATERIALIZED VIEW v AS SELECT 1",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS ''",
        "CREATE TRIGGER t BEFORE INSERT ON tweets_row FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE RULE r AS ON INSERT TO tweets_row DO INSTEAD NOTHING",
        "CREATE POLICY p ON tweets_row",
        "CREATE EXTENSION x",
        "CREATE TABLE new AS TABLE tweets_row",
        "CREATE TABLE new PARTITION OF tweets_row DEFAULT",
        "CREATE TABLE new (id int) INHERITS (tweets_row)",
        "CREATE TABLE other.tweets_row (id int)",
        "CREATE TEMPORARY TABLE tweets_row (id int)",
        "DROP SCHEMA public CASCADE",
        "DROP EXTENSION x",
        "DROP OWNED BY chirp",
        "DROP RULE r ON tweets_row",
        "ALTER DOMAIN d ADD CHECK (value > 0)",
        "ALTER TYPE t DROP ATTRIBUTE a",
        "ALTER SCHEMA public RENAME TO other",
        "ALTER TABLE tweets_row ATTACH PARTITION x DEFAULT",
        "ALTER TABLE tweets_row DETACH PARTITION x",
        "ALTER TABLE tweets_row INHERIT tweets_other",
        "ALTER TABLE tweets_row DISABLE TRIGGER ALL",
        "ALTER TABLE tweets_row ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE tweets_row SET SCHEMA other",
        "ALTER TABLE tweets_row DROP CONSTRAINT positive CASCADE",
        "ALTER TABLE tweets_row VALIDATE CONSTRAINT positive, ADD added int",
        "ALTER TABLE tweets_row ALTER number SET DEFAULT 1, VALIDATE CONSTRAINT positive",
        "ALTER TABLE tweets_row DROP CONSTRAINT positive, DROP EXPRESSION",
        "ALTER TABLE tweets_row ALTER number ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE tweets_row ADD PRIMARY KEY USING INDEX i",
        "ALTER TABLE tweets_row ADD NOT NULL number",
        "ALTER TABLE tweets_row ADD added a_domain",
        "ALTER TABLE tweets_row ADD added int DEFAULT 1 REFERENCES tweets_other",
        "ALTER TABLE tweets_row ADD added int DEFAULT 1 + f()",
        "ALTER TABLE tweets_row ADD added int DEFAULT 1, ADD more int DEFAULT f()",
        "ALTER TABLE public.tweets_row ADD CHECK (number > 0) NOT VALID",
        "INSERT INTO tweets_row (number) VALUES (f())",
        "INSERT INTO tweets_row (number) VALUES (1) ON CONFLICT (number) DO UPDATE SET number = 2",
        "NOTIFY a_word_of_a_later_version_of_postgresql",
    ],
)
def test_what_is_not_known_to_be_harmless_is_refused(statement: str) -> None:
    assert problems(migrations.RunSQL([statement]))


def test_a_statement_is_known_by_all_of_its_words() -> None:
    (found,) = problems(migrations.RunSQL(["COMMENT ON TABLE tweets_row IS NULL AND f()"]))
    assert UNKNOWN in found.problem


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE IF NOT EXISTS tweets_row (id int)",
        "CREATE TABLE new (id int)",
        'CREATE TABLE "Tweets_Row" (id int)',
        "CREATE TABLE tweets_row.tweets_row (id int)",
        "-- CREATE TABLE tweets_row (id int)",
        "COMMENT ON TABLE new IS $$; CREATE TABLE tweets_row (id int); $$",
    ],
)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE Tweets_Row DROP COLUMN text",
        "CREATE INDEX x ON tweets_row (number)",
        "WITH x AS (SELECT 1 FROM a JOIN b ON new = 1) UPDATE tweets_row SET number = 1",
        "MERGE INTO tweets_row USING x ON new = 1 WHEN MATCHED THEN DELETE",
    ],
)
def test_a_table_that_may_be_an_old_one_is_not_free(made: str, statement: str) -> None:
    assert [
        each for each in problems(migrations.RunSQL([made, statement])) if statement in str(each)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE new ATTACH PARTITION tweets_row DEFAULT",
        "ALTER TABLE new INHERIT tweets_row",
        "ALTER TABLE new ADD number int, INHERIT tweets_row",
        "INSERT INTO new SELECT id FROM tweets_row",
        "DELETE FROM new USING tweets_row",
    ],
)
def test_a_new_table_is_not_free_for_what_reads_or_changes_others(statement: str) -> None:
    assert problems(migrations.RunSQL(["CREATE TABLE new (id int)", statement]))


def test_a_column_that_may_be_an_old_one_is_not_new() -> None:
    added = "ALTER TABLE tweets_row ADD COLUMN IF NOT EXISTS number int"
    check_it = 'ALTER TABLE tweets_row ADD CHECK ("number" > 0) NOT VALID'
    (refused,) = problems(migrations.RunSQL([added, check_it]))
    assert REFUSES in refused.problem


@pytest.mark.parametrize(
    "text",
    [
        "-- it's\nDROP TABLE tweets_row; -- isn't",
        "/* it's */ DROP TABLE tweets_row /* isn't */",
        "COMMENT ON TABLE tweets_row IS E'\\''; DROP TABLE tweets_row; --'",
        "COMMENT ON TABLE tweets_row IS '--'; DROP TABLE tweets_row",
        'COMMENT ON TABLE "--" IS NULL; DROP TABLE tweets_row',
    ],
)
def test_quotes_and_comments_hide_no_statement(text: str) -> None:
    assert [each for each in problems(migrations.RunSQL([text])) if OLD_USES in each.problem]


def test_code_within_another_operation_is_refused_and_not_run() -> None:
    def run(*_: Any) -> None:
        raise AssertionError("it was run")

    inside = migrations.SeparateDatabaseAndState([migrations.RunPython(run)])
    for operation in (inside, migrations.SeparateDatabaseAndState([inside])):
        (refused,) = problems(operation)
        assert "code" in refused.problem


def test_an_operation_of_ours_is_code() -> None:
    class Ours(migrations.RunSQL):
        pass

    (refused,) = problems(Ours("COMMENT ON TABLE tweets_row IS NULL"))
    assert "code" in refused.problem


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
