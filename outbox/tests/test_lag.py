"""How late the outbox is, and for whose request its work is done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from chirp.observability import logs
from outbox import services, sql
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import Publish

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BACKLOG = """
INSERT INTO outbox_event (topic, consumers, payload)
SELECT 'it.happened', ARRAY[%s], '{}' FROM generate_series(1, 5000)
"""
NOTE, OTHER = "outbox.tests.note", "outbox.tests.other"


def age(**minutes: int) -> None:
    """Make every event older: `age(created_at=5, due_at=5)`."""
    Event.objects.update(**{name: F(name) - count * MINUTE for name, count in minutes.items()})


def test_nothing_owed_is_no_lag() -> None:
    assert services.relay_lag_seconds() == 0
    assert services.unfinished_seconds([NOTE, OTHER]) == 0


def test_the_relay_is_late_by_the_oldest_event_that_is_due(happen: Publish) -> None:
    happen(2)
    age(created_at=5, due_at=5)
    assert 300 <= services.relay_lag_seconds() < 360
    services.relay(to=lambda event: None)
    assert services.relay_lag_seconds() == 0, "it was sent, and nothing is due"
    assert 300 <= services.unfinished_seconds([NOTE]) < 360, "but it is not done"
    age(due_at=10)
    assert services.relay_lag_seconds() > 300, "nor was it done in time, and is due again"


def test_only_the_tasks_that_are_asked_for_count(happen: Publish) -> None:
    happen(1)
    age(created_at=5)
    happen(1, topic="both.happened")
    assert services.unfinished_seconds([OTHER]) < 60
    assert services.unfinished_seconds([NOTE, OTHER]) >= 300


@pytest.mark.parametrize(
    ("query", "parameters", "index"),
    [
        (sql.RELAY_LAG, [], "outbox_due"),
        (sql.UNFINISHED, [[NOTE]], "outbox_event_pkey"),
    ],
)
def test_a_backlog_is_not_read_for_it(query: str, parameters: list[Any], index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, [NOTE])
        cursor.execute("ANALYZE outbox_event")
        cursor.execute(f"EXPLAIN {query}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def test_an_event_knows_the_request_that_caused_it(happen: Publish) -> None:
    with logs.fields(request_id="the-request"):
        happen(1, topic="both.happened")
    happen(1)
    events: list[Delivery] = []
    services.relay(to=events.extend)
    assert [one.event.request_id for one in events] == ["the-request", "the-request", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetNoted(DomainEvent):
    """An event with an id and with something that is nobody else's business."""

    topic = "tweet.noted"
    tweet_id: int
    text: str


def test_what_was_published_stands_on_the_line_of_the_request(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {"tweet.noted": [NOTE]}
    with logs.fields(request_id="the-request"):
        services.publish(TweetNoted(tweet_id=7, text="secret"))
        assert logs.current("tweet_id") == 7
        assert logs.current("text") is None
