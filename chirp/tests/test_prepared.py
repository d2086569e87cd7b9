"""Prepared queries, and the health check of kept connections."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from chirp.db.prepared import Prepared, Question, answers

ECHO = Prepared("SELECT %(numbers)s::bigint[], %(text)s::text, %(text)s::text, %(none)s::bigint")
NAMES = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%bigint[]%::text%'"
BROKEN = Prepared("SELECT 1 / %(by)s::bigint")


@pytest.mark.django_db
@pytest.mark.parametrize("numbers", [[], [1], [1, 2**40, -(2**62)], list(range(500))])
def test_parameters_arrive_unchanged(numbers: list[int]) -> None:
    assert ECHO.rows(none=None, text="it's {a}", numbers=numbers) == [
        (numbers, "it's {a}", "it's {a}", None)
    ]


@pytest.mark.django_db
def test_numbers_of_any_size_share_one_plan() -> None:
    for number in (1, 2**20, 2**40):
        ECHO.rows(none=number, text="", numbers=[number])
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_it_counts_as_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        ECHO.rows(none=None, text="", numbers=[])


@pytest.mark.django_db
def test_wrappers_are_called_as_for_queries_of_django() -> None:
    seen: list[tuple[str, Any]] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        assert ECHO.rows(none=None, text="x", numbers=[1]) == [([1], "x", "x", None)]
    assert seen == [(ECHO.text, ["{1}", "x", None])]


@pytest.mark.django_db
def test_a_wrapper_can_refuse_it() -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError

    with connection.execute_wrapper(refuse), pytest.raises(PermissionError):
        ECHO.rows(none=None, text="", numbers=[])


@pytest.mark.django_db
def test_it_runs_on_the_named_database(monkeypatch: pytest.MonkeyPatch) -> None:
    aliases: list[str] = []

    class Databases:
        def __getitem__(self, alias: str) -> Any:
            aliases.append(alias)
            return connection

    monkeypatch.setattr("chirp.db.prepared.connections", Databases())
    ECHO.rows(none=None, text="", numbers=[])
    ECHO.rows(using="replica", none=None, text="", numbers=[])
    assert aliases == ["default", "replica"]


@pytest.mark.django_db
def test_it_raises_the_exceptions_of_django() -> None:
    with pytest.raises(Exception, match="division by zero") as caught, transaction.atomic():
        BROKEN.rows(by=0)
    assert caught.type.__module__ == "django.db.utils"
    assert BROKEN.rows(by=1) == [(1,)]


@pytest.mark.django_db
def test_a_broken_transaction_runs_no_query() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            BROKEN.rows(by=1)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced() -> None:
    BROKEN.rows(by=1)
    _end(connection.connection)
    connection.close_if_unusable_or_obsolete()  # as between two requests
    assert BROKEN.rows(by=1) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_within_a_request_an_ended_connection_is_an_error() -> None:
    BROKEN.rows(by=1)
    _end(connection.connection)
    with pytest.raises(OperationalError):
        BROKEN.rows(by=1)
    connection.close()


def _end(kept: psycopg.Connection[tuple[int]]) -> None:
    """Let the server end a connection, and wait until it has announced that."""
    with psycopg.connect(kept.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [kept.info.backend_pid])


@pytest.mark.django_db
def test_one_statement_asks_several_questions(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    some = Prepared(
        "SELECT n, %(text)s::text FROM generate_series(%(low)s::bigint, 3) n ORDER BY 1 DESC"
    )
    with django_assert_num_queries(1):
        assert answers(
            Question(some, {"low": 2, "text": "a"}, list),
            Question(some, {"low": 9, "text": "b"}, list),
            Question(ECHO, {"none": None, "text": 'é"{,', "numbers": [7]}, lambda rows: rows[0]),
        ) == [[(3, "a"), (2, "a")], [], ([7], 'é"{,', 'é"{,', None)]
    with django_assert_num_queries(1):
        assert Question(some, {"low": 3, "text": "c"}, len).answer() == 1
