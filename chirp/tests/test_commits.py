"""What the server is asked to do right after a commit."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from chirp.db.backend.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "INSERT INTO noted SELECT count(*) FROM written"


@pytest.fixture(params=[False, True], ids=["alone", "with replicas"])
def primary(request: pytest.FixtureRequest, settings: Settings) -> Iterator[DatabaseWrapper]:
    """The connection, with two tables. With replicas it also asks where the commit is."""
    if request.param:
        settings.DATABASE_REPLICAS = ["postgresql://replica"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written (number int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        cursor.execute("CREATE TABLE noted (count int)")
    yield connection  # type: ignore[misc]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE written, noted")


def write(primary: DatabaseWrapper, *numbers: int, then: str = NOTE) -> None:
    with transaction.atomic(), primary.cursor() as cursor:
        for number in numbers:
            primary.run_after_commit(then)
            cursor.execute("INSERT INTO written VALUES (%s)", [number])


def values(primary: DatabaseWrapper, query: str) -> list[int]:
    with primary.cursor() as cursor:
        cursor.execute(query)
        return [value for (value,) in cursor.fetchall()]


def test_a_command_runs_once_after_the_commit(primary: DatabaseWrapper) -> None:
    write(primary, 1, 2)
    assert values(primary, "SELECT count FROM noted") == [2]
    with transaction.atomic(), primary.cursor() as cursor:
        cursor.execute("INSERT INTO written VALUES (3)")
    assert values(primary, "SELECT count FROM noted") == [2]


def test_it_does_not_run_after_a_rollback(primary: DatabaseWrapper) -> None:
    with transaction.atomic():
        primary.run_after_commit(NOTE)
        transaction.set_rollback(True)
    write(primary, 1, then="SELECT 1")
    assert values(primary, "SELECT count FROM noted") == []


def test_it_does_not_run_after_a_commit_that_fails(primary: DatabaseWrapper) -> None:
    """The constraint is checked by COMMIT itself."""
    with pytest.raises(IntegrityError, match="written_number_key"):
        write(primary, 1, 1)
    assert values(primary, "SELECT number FROM written") == []
    assert values(primary, "SELECT count FROM noted") == []
    write(primary, 2)
    assert values(primary, "SELECT count FROM noted") == [1]


def test_a_command_that_fails_does_not_make_the_commit_fail(
    primary: DatabaseWrapper, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    primary.committed_at = None
    write(primary, 1, then="SELECT 1 / count(*) FILTER (WHERE number > 1) FROM written")
    assert "failed after a commit" in caplog.text
    assert values(primary, "SELECT number FROM written") == [1]
    assert (primary.committed_at is None) == (not settings.DATABASE_REPLICAS)


def test_before_the_first_connection_there_is_nothing_to_end() -> None:
    unused = DatabaseWrapper(dict(connection.settings_dict))
    unused.commit()
    unused.rollback()
    assert unused.connection is None
