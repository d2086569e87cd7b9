"""The clock of Postgres steps back: what was due stays due, and nothing waits as long as the step.

A time that lies ahead is what is left of a step back, so most tests write such times and let the
clock go right; two show the same by a clock that is behind.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from outbox import services, sql
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import Publish
from tests.helpers.clock import clock_stepped

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600.0
INDEXES = {"outbox_due", "outbox_unsent"}
BACKLOG = """
INSERT INTO outbox_event (topic, consumers, payload, attempts, due_at)
SELECT 'it.happened', ARRAY['outbox.tests.note'], '{}', %(attempts)s,
    clock_timestamp() + interval '1 second' * %(ahead)s + n * interval '1 microsecond'
FROM generate_series(1, 20000) n
"""


@pytest.fixture(autouse=True)
def _lease(settings: Settings) -> None:
    settings.OUTBOX_LEASE_SECONDS = 30


def step_back(seconds: float) -> None:
    """What a step back makes of all times: they lie further ahead."""
    step = timedelta(seconds=seconds)
    Event.objects.update(due_at=F("due_at") + step, created_at=F("created_at") + step)


def relayed(limit: int = services.RELAY_BATCH) -> list[int]:
    """The numbers of what one relay sends now."""
    sent: list[Delivery] = []
    services.relay(to=sent.extend, limit=limit)
    return [event.payload["number"] for event in sent]


def leased(times: int) -> None:
    """Send everything so many times; the last lease begins now."""
    for _ in range(times):
        assert relayed()
        Event.objects.update(due_at=F("due_at") - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET due_at = clock_timestamp() + interval '30 seconds' * %s",
            [2 ** (times - 1)],
        )


@pytest.mark.parametrize("step", [0.5, 10, HOUR, 365 * 24 * HOUR])
def test_what_was_never_sent_is_due_however_far_the_clock_stepped(
    happen: Publish, step: float
) -> None:
    happen(3)
    step_back(step)
    assert relayed() == [0, 1, 2]
    assert relayed() == [], "it was sent, and is leased by the clock as it is"


def test_a_clock_that_is_behind_sends_what_was_published_before(happen: Publish) -> None:
    happen(3)
    with clock_stepped(-HOUR):
        assert relayed() == [0, 1, 2]
        assert relayed() == []


def test_what_is_late_goes_before_what_seems_to_be_ahead(happen: Publish) -> None:
    happen(2)
    step_back(HOUR)
    happen(4)
    assert relayed(limit=5) == [0, 1, 2, 3, 0]
    assert relayed(limit=5) == [1]


@pytest.mark.parametrize(("times", "longest"), [(1, 30), (2, 60), (3, 120), (7, 1920), (9, 1920)])
def test_a_lease_that_became_longer_than_any_that_is_given_has_ended(
    happen: Publish, times: int, longest: int
) -> None:
    happen()
    leased(times=times)
    if times > 7:
        Event.objects.update(due_at=F("due_at") - timedelta(seconds=30 * 2 ** (times - 1) - 1920))
    assert relayed() == [], f"it lasts for {longest} s from now"
    step_back(1)
    assert relayed() == [0]


def test_a_clock_that_is_behind_ends_the_leases_of_before(happen: Publish) -> None:
    happen()
    relayed()
    with clock_stepped(-5):
        assert relayed() == [0]
        assert relayed() == []


def test_a_failure_is_tried_again_after_its_time_or_a_lease(happen: Publish) -> None:
    happen()
    relayed()
    services.failed(Event.objects.get().pk, error="no")
    assert relayed() == []
    step_back(HOUR)
    assert relayed() == [0]


def test_what_failed_before_a_relay_sent_it_waits_as_well(happen: Publish) -> None:
    """A worker takes events along that no relay has sent yet."""
    happen()
    services.failed(Event.objects.get().pk, error="no")
    assert relayed() == []


def test_no_lag_is_negative_and_none_is_made_up_by_a_step(happen: Publish) -> None:
    happen(2)
    step_back(HOUR)
    assert services.relay_lag_seconds() == 0
    assert services.unfinished_seconds(["outbox.tests.note"]) == 0
    assert services.lag_seconds() == 0
    relayed()
    assert services.relay_lag_seconds() == 0


@pytest.mark.parametrize(
    ("attempts", "ahead"), [(0, -60), (0, HOUR), (1, 15), (1, HOUR), (2, 15), (7, HOUR)]
)
def test_a_backlog_is_not_walked(attempts: int, ahead: float) -> None:
    """Whether it waits for a relay, for a worker, or for a clock."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, {"attempts": attempts, "ahead": ahead})
        cursor.execute("ANALYZE outbox_event")
    steps = list(_steps(sql.DUE, {"limit": 200, "lease": 30, "doublings": 6}))
    walked = [step for step in steps if step["Actual Loops"]]
    assert {step["Index Name"] for step in walked if "Index Name" in step} <= INDEXES
    assert not [step for step in walked if step["Node Type"] in ("Seq Scan", "Sort")]
    assert max(s["Actual Rows"] + s.get("Rows Removed by Filter", 0) for s in walked) <= 200


def _steps(query: str, parameters: dict[str, int]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", parameters)
        (plan,) = cursor.fetchone()[0]
    waiting = [plan["Plan"]]
    while waiting:
        step = waiting.pop()
        waiting += step.get("Plans", [])
        yield step
