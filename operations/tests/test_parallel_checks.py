"""Checks that run in parallel, and are left out if they fail or hang."""

import threading
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.db import OperationalError, connection

from operations.parallel_checks import ParallelChecks
from tests.helpers.faults import embedded_servers, frozen
from tests.helpers.herd.processes import eventually

LONG = 60.0  # seconds; a check that answers ends earlier


def fails(error: Exception) -> Callable[[], NoReturn]:
    def check() -> NoReturn:
        raise error

    return check


def open_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_checks_run_in_parallel() -> None:
    together = threading.Barrier(3, timeout=LONG)
    answers = ParallelChecks().answers(dict.fromkeys("abc", together.wait), seconds=LONG)
    assert sorted(answers.values()) == [0, 1, 2]


def test_a_failed_check_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    checks = {"well": lambda: 1, "away": fails(OperationalError()), "broken": fails(KeyError())}
    assert ParallelChecks().answers(checks, seconds=LONG) == {"well": 1}
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["The check broken failed."], "a server that is down is not logged as an error"


def test_a_check_that_hangs_is_left_out_and_not_repeated_until_it_ends() -> None:
    release, calls, parallel = threading.Event(), [], ParallelChecks()

    def hang() -> int:
        calls.append(1)
        release.wait(LONG)
        return 2

    checks: dict[str, Callable[[], int]] = {"well": lambda: 1, "hangs": hang}
    for _ in range(3):
        assert parallel.answers(checks, seconds=0.2)["well"] == 1
    assert len(calls) == 1
    release.set()
    for thread in threading.enumerate():
        if thread.name == "check":
            thread.join(LONG)
    assert parallel.answers(checks, seconds=LONG) == {"well": 1, "hangs": 2}


@pytest.mark.django_db(transaction=True)
def test_a_check_of_postgres_closes_its_connection_and_has_a_connect_timeout() -> None:
    def add() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 + 1")
            return int(cursor.fetchone()[0])

    before = open_connections()
    assert ParallelChecks().answers({"sum": add}, seconds=LONG) == {"sum": 2}
    eventually(lambda: open_connections() == before)
    with frozen(embedded_servers().postgres):
        # The server accepts the connection and does not answer: libpq times out.
        assert ParallelChecks().answers({"sum": add}, seconds=LONG) == {}
    assert "connect_timeout" not in connection.settings_dict["OPTIONS"], (
        "the timeout applies only to checks"
    )
