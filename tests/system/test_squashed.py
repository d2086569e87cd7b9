"""The squashed migrations, which only new databases run, make the tables of those they replace."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from runner.embedded import database_url, roles
from tests.helpers.databases import another_database
from tests.plugin import VAR

pytestmark = pytest.mark.django_db
Schema = set[tuple[str, str, str]]
NAME = "test_chirp_one_by_one"
# The order of columns is left out: a column that was added later comes last.
SCHEMA = """
SELECT 'column', table_name, concat_ws(' ', column_name, data_type, udt_name,
    character_maximum_length, collation_name, is_nullable, column_default, identity_generation,
    generation_expression)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, concat_ws(' ', conname, convalidated,
    pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'sequence', sequencename, concat_ws(' ', data_type, start_value, min_value, max_value, cycle)
FROM pg_sequences WHERE schemaname = 'public'
"""


def schema() -> Schema:
    """Every column, index, constraint, trigger, function and sequence of the database."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return set(cursor.fetchall())


def plan(executor: MigrationExecutor, *apps: str) -> set[str]:
    """The names of the migrations of these apps that `migrate` would run."""
    executor.loader.check_consistent_history(connections["default"])
    found = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {each.name for each, _ in found if each.app_label in apps}


def migrate_one_by_one(*targets: tuple[str, str]) -> MigrationExecutor:
    """Run the replaced migrations up to these, and return what runs the ones after them."""
    executor = MigrationExecutor(connections["default"])
    executor.loader = MigrationLoader(connections["default"], replace_migrations=False)
    executor.migrate(list(targets))
    return MigrationExecutor(connections["default"])


@pytest.fixture
def squashed() -> Schema:
    """The schema of the tests' database, which the squashed migrations made."""
    return schema()


@pytest.fixture
def empty(squashed: Schema) -> Iterator[None]:
    """Use a database without tables."""
    server_url, _, _ = database_url(VAR).rpartition("/")
    with roles.connect(VAR) as server:
        server.execute(f"CREATE DATABASE {NAME} OWNER chirp")
        try:
            with another_database(f"{server_url}/{NAME}"):
                yield
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.mark.usefixtures("empty")
def test_they_make_the_same_tables_and_existing_databases_do_not_run_them(
    squashed: Schema,
) -> None:
    executor = migrate_one_by_one(("accounts", "0016_language"), ("tweets", "0003_lists"))
    assert "0017_appearance" in plan(executor, "accounts")
    assert "0004_admin_searches" in plan(executor, "tweets")
    assert not {name for name in plan(executor, "accounts", "tweets") if "squashed" in name}

    replacements = executor.loader.replacements.values()
    executor = migrate_one_by_one(*(each.replaces[-1] for each in replacements))
    assert not {name for name in plan(executor, *apps.app_configs) if "squashed" in name}
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert sorted(schema() - squashed) == []
    assert sorted(squashed - schema()) == []
