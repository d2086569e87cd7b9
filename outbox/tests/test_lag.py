"""The lag of the outbox, and the request ids of its events."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from chirp.observability import logs
from outbox import relaying, services, sql
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import Publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_database")]
MINUTE = timedelta(minutes=1)
BACKLOG = """
INSERT INTO outbox_event (topic, consumers, payload)
SELECT 'it.happened', ARRAY[%s], '{}' FROM generate_series(1, 5000)
"""
NOTE, OTHER = "outbox.tests.note", "outbox.tests.other"


def age(**minutes: int) -> None:
    """Make every event older: `age(created_at=5, due_at=5)`."""
    Event.objects.update(**{name: F(name) - count * MINUTE for name, count in minutes.items()})


def test_an_empty_outbox_has_no_lag() -> None:
    assert services.relay_lag_seconds() == 0
    assert services.unfinished_seconds([NOTE, OTHER]) == 0


def test_the_relay_lag_is_that_of_the_oldest_due_event(happen: Publish) -> None:
    happen(2)
    age(created_at=5, due_at=5)
    assert 300 <= services.relay_lag_seconds() < 360
    relaying.relay(to=lambda event: None)
    assert services.relay_lag_seconds() == 0, "they were sent, and nothing is due"
    assert 300 <= services.unfinished_seconds([NOTE]) < 360, "but they are not consumed"
    age(due_at=10)
    assert services.relay_lag_seconds() > 300, "their lease has expired, so they are due again"


def test_only_events_of_the_given_tasks_count(happen: Publish) -> None:
    happen(1)
    age(created_at=5)
    happen(1, topic="both.happened")
    assert services.unfinished_seconds([OTHER]) < 60
    assert services.unfinished_seconds([NOTE, OTHER]) >= 300


@pytest.mark.parametrize(
    ("query", "parameters", "index"),
    [
        (sql.RELAY_LAG, [], "outbox_due"),
        (sql.OLDEST_UNFINISHED, [[NOTE]], "outbox_event_pkey"),
    ],
)
def test_the_lag_queries_do_not_scan_the_backlog(
    query: str, parameters: list[Any], index: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, [NOTE])
        cursor.execute("ANALYZE outbox_event")
        cursor.execute(f"EXPLAIN {query}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def test_an_event_has_the_id_of_the_request_that_caused_it(happen: Publish) -> None:
    with logs.fields(request_id="the-request"):
        happen(1, topic="both.happened")
    happen(1)
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    assert [delivery.event.request_id for delivery in sent] == ["the-request", "the-request", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetNoted(DomainEvent):
    """An event with an id, which may be logged, and a private text."""

    topic = "tweet.noted"
    tweet_id: int
    text: str


def test_publishing_adds_ids_and_no_text_to_the_log_fields(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {"tweet.noted": [NOTE]}
    with logs.fields(request_id="the-request"):
        services.publish(TweetNoted(tweet_id=7, text="secret"))
        assert logs.current("tweet_id") == 7
        assert logs.current("text") is None
