"""The clock of Postgres steps back: due events stay due, and no event waits for the whole step.

After a step back, existing times lie in the future. Most tests therefore write future times and
leave the clock alone; two tests really run with a clock that is behind.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from outbox import relaying, services, sql
from outbox.models import Event
from outbox.relaying import Delivery
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
    """Simulate a step back of the clock: move all times of events further into the future."""
    step = timedelta(seconds=seconds)
    Event.objects.update(due_at=F("due_at") + step, created_at=F("created_at") + step)


def relayed(limit: int = relaying.RELAY_BATCH) -> list[int]:
    """Relay once, and return the numbers of the events that were sent."""
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend, limit=limit)
    return [event.payload["number"] for event in sent]


def lease(times: int) -> None:
    """Send all events this many times; the last lease begins now."""
    for _ in range(times):
        assert relayed()
        Event.objects.update(due_at=F("due_at") - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET due_at = clock_timestamp() + interval '30 seconds' * %s",
            [2 ** (times - 1)],
        )


@pytest.mark.parametrize("step", [0.5, 10, HOUR, 365 * 24 * HOUR])
def test_an_event_that_was_never_sent_is_due_after_any_step(happen: Publish, step: float) -> None:
    happen(3)
    step_back(step)
    assert relayed() == [0, 1, 2]
    assert relayed() == [], "they were sent, and are leased by the current clock"


def test_a_clock_that_is_behind_sends_what_was_published_before(happen: Publish) -> None:
    happen(3)
    with clock_stepped(-HOUR):
        assert relayed() == [0, 1, 2]
        assert relayed() == []


def test_overdue_events_are_sent_before_events_with_a_future_time(happen: Publish) -> None:
    happen(2)
    step_back(HOUR)
    happen(4)
    assert relayed(limit=5) == [0, 1, 2, 3, 0]
    assert relayed(limit=5) == [1]


@pytest.mark.parametrize(("times", "longest"), [(1, 30), (2, 60), (3, 120), (7, 1920), (9, 1920)])
def test_a_lease_that_is_longer_than_possible_has_expired(
    happen: Publish, times: int, longest: int
) -> None:
    happen()
    lease(times=times)
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


def test_a_failed_event_is_retried_even_after_a_step(happen: Publish) -> None:
    happen()
    relayed()
    services.record_failure(Event.objects.get().pk, error="no")
    assert relayed() == []
    step_back(HOUR)
    assert relayed() == [0]


def test_an_event_that_fails_before_it_is_sent_also_waits(happen: Publish) -> None:
    """A worker may claim events that no relay has sent yet, to fill a batch."""
    happen()
    services.record_failure(Event.objects.get().pk, error="no")
    assert relayed() == []


def test_a_step_causes_neither_a_negative_nor_a_false_lag(happen: Publish) -> None:
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
def test_selecting_due_events_does_not_scan_the_backlog(attempts: int, ahead: float) -> None:
    """Whether the backlog waits for a relay, for a worker, or for the clock."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, {"attempts": attempts, "ahead": ahead})
        cursor.execute("ANALYZE outbox_event")
    nodes = list(_plan_nodes(sql.DUE, {"limit": 200, "lease": 30, "doublings": 6}))
    executed = [node for node in nodes if node["Actual Loops"]]
    assert {node["Index Name"] for node in executed if "Index Name" in node} <= INDEXES
    assert not [node for node in executed if node["Node Type"] in ("Seq Scan", "Sort")]
    assert max(n["Actual Rows"] + n.get("Rows Removed by Filter", 0) for n in executed) <= 200


def _plan_nodes(query: str, parameters: dict[str, int]) -> Any:
    """All nodes of the plan of a query, with their actual row counts."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", parameters)
        (plan,) = cursor.fetchone()[0]
    stack = [plan["Plan"]]
    while stack:
        node = stack.pop()
        stack += node.get("Plans", [])
        yield node
