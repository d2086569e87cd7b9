"""Questions that are asked side by side, and done without when nobody answers."""

import threading
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.db import OperationalError, connection

from operations.parallel_checks import ParallelChecks
from tests.helpers.faults import embedded_servers, frozen
from tests.helpers.herd.processes import eventually

LONG = 60.0  # seconds: none of it is waited for where all answer


def fails(error: Exception) -> Callable[[], NoReturn]:
    def ask() -> NoReturn:
        raise error

    return ask


def connections_now() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_all_are_asked_at_once() -> None:
    together = threading.Barrier(3, timeout=LONG)
    answers = ParallelChecks().answers(dict.fromkeys("abc", together.wait), seconds=LONG)
    assert sorted(answers.values()) == [0, 1, 2]


def test_who_fails_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    questions = {"well": lambda: 1, "away": fails(OperationalError()), "broken": fails(KeyError())}
    assert ParallelChecks().answers(questions, seconds=LONG) == {"well": 1}
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["There is no answer about broken."], "a part that is away is no fault of ours"


def test_who_hangs_is_left_out_and_not_asked_again_until_it_answers() -> None:
    enough, asked, asking = threading.Event(), [], ParallelChecks()

    def hang() -> int:
        asked.append(1)
        enough.wait(LONG)
        return 2

    questions: dict[str, Callable[[], int]] = {"well": lambda: 1, "hangs": hang}
    for _ in range(3):
        assert asking.answers(questions, seconds=0.2)["well"] == 1
    assert len(asked) == 1
    enough.set()
    for thread in threading.enumerate():
        if thread.name == "asking":
            thread.join(LONG)
    assert asking.answers(questions, seconds=LONG) == {"well": 1, "hangs": 2}


@pytest.mark.django_db(transaction=True)
def test_postgres_is_asked_over_a_connection_that_is_closed_and_never_waits_long() -> None:
    def ask() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 + 1")
            return int(cursor.fetchone()[0])

    before = connections_now()
    assert ParallelChecks().answers({"sum": ask}, seconds=LONG) == {"sum": 2}
    eventually(lambda: connections_now() == before)
    with frozen(embedded_servers().postgres):
        # The server takes the connection and says nothing: libpq gives up by itself.
        assert ParallelChecks().answers({"sum": ask}, seconds=LONG) == {}
    assert "connect_timeout" not in connection.settings_dict["OPTIONS"], "only for questions"
