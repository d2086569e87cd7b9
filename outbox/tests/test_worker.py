"""Tasks that consume events: completed work is not repeated, and failed work is retried."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.signals import worker_process_init
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.db.models import F

from outbox import relaying
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import Publish
from outbox.worker import disable_synchronous_commit, outbox_task

WORKED: list[int] = []


@outbox_task("outbox.tests.note")
def note(number: int) -> None:
    WORKED.append(number)


@outbox_task("outbox.tests.other")
def other(number: int) -> None:
    WORKED.append(-number)


@outbox_task("outbox.tests.fail")
def fail(number: int) -> None:
    WORKED.append(number)
    if len(WORKED) < 3:
        raise ValueError(f"not yet, {number}\x00")


@outbox_task("outbox.tests.break")
def break_connection() -> None:
    connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture(autouse=True)
def _nothing_worked() -> None:
    WORKED.clear()


def deliver() -> list[Delivery]:
    """Relay all due events and run their tasks immediately, without a broker."""
    delivered: list[Delivery] = []
    relaying.relay(to=delivered.extend)
    for delivery in delivered:
        run(delivery)
    return delivered


def run(delivery: Delivery) -> None:
    task: Any = current_app.tasks[delivery.task]
    task(event_ids=[delivery.pk])


@pytest.mark.django_db(transaction=True)
def test_a_task_gets_the_payload_and_its_event_is_deleted(happen: Publish) -> None:
    happen(2)
    deliver()
    assert WORKED == [0, 1]
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_delivered_again_after_it_was_done_does_nothing(happen: Publish) -> None:
    happen()
    (delivery,) = deliver()
    run(delivery)
    assert WORKED == [0]


@pytest.mark.django_db(transaction=True)
def test_each_consumer_of_a_topic_runs(happen: Publish) -> None:
    happen(2, topic="both.happened")
    deliver()
    assert sorted(WORKED) == [-1, 0, 0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_failing_task_stays_with_its_error_until_it_succeeds(happen: Publish) -> None:
    happen(topic="it.broke")
    for attempt in (1, 2):
        with pytest.raises(ValueError, match="not yet"):
            deliver()
        event = Event.objects.get()
        assert event.attempts == attempt
        assert event.last_error == "ValueError: not yet, 0\\x00"
        assert deliver() == [], "there is a delay before the retry"
        Event.objects.update(due_at=F("due_at") - timedelta(hours=1))
    deliver()
    assert WORKED == [0, 0, 0]
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_task_does_not_block_others(happen: Publish) -> None:
    happen(topic="it.broke")
    with pytest.raises(ValueError, match="not yet"):
        deliver()
    happen(2)
    deliver()
    assert WORKED == [0, 0, 1]
    assert Event.objects.get().topic == "it.broke"


@pytest.mark.django_db(transaction=True)
def test_an_error_that_broke_the_connection_is_stored() -> None:
    task = "outbox.tests.break"
    event = Event.objects.create(topic="x", consumers=[task], payload={})
    with pytest.raises(DatabaseError):
        run(Delivery(task, event))
    assert "OperationalError" in Event.objects.get().last_error


@pytest.mark.django_db(transaction=True)
def test_workers_disable_synchronous_commit() -> None:
    worker_process_init.send(sender=None)
    assert connection_created.disconnect(disable_synchronous_commit), (
        "the receiver was not connected"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        disable_synchronous_commit(connection=connection)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "off"


def test_a_task_without_an_event_does_the_work() -> None:
    note(number=7)
    assert WORKED == [7]


def test_celery_accepts_a_payload_and_event_ids() -> None:
    """Celery checks the arguments before it sends a task, so the signature must have both."""
    assert not current_app.conf.task_always_eager
    note.__header__(event_ids=[1], number=2)
