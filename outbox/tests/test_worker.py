"""The tasks that events start: done once is done, and a failure is kept and tried again."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.signals import worker_process_init
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.db.models import F

from outbox import services
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import Publish
from outbox.worker import outbox_task, relax

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
    """Relay what is due to a broker that hands it on at once."""
    delivered: list[Delivery] = []
    services.relay(to=delivered.extend)
    for event in delivered:
        run(event)
    return delivered


def run(event: Delivery) -> None:
    task: Any = current_app.tasks[event.task]
    task(event_ids=[event.pk])


@pytest.mark.django_db(transaction=True)
def test_a_task_gets_the_payload_and_strikes_its_event_out(happen: Publish) -> None:
    happen(2)
    deliver()
    assert WORKED == [0, 1]
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_delivered_again_after_it_was_done_does_nothing(happen: Publish) -> None:
    happen()
    (event,) = deliver()
    run(event)
    assert WORKED == [0]


@pytest.mark.django_db(transaction=True)
def test_the_tasks_of_one_topic_are_done_each_on_its_own(happen: Publish) -> None:
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
        assert deliver() == [], "it waits a while before it is tried again"
        Event.objects.update(due_at=F("due_at") - timedelta(hours=1))
    deliver()
    assert WORKED == [0, 0, 0]
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_task_holds_up_no_other(happen: Publish) -> None:
    happen(topic="it.broke")
    with pytest.raises(ValueError, match="not yet"):
        deliver()
    happen(2)
    deliver()
    assert WORKED == [0, 0, 1]
    assert Event.objects.get().topic == "it.broke"


@pytest.mark.django_db(transaction=True)
def test_an_error_that_cost_the_connection_is_kept_too() -> None:
    task = "outbox.tests.break"
    event = Event.objects.create(topic="x", consumers=[task], payload={})
    with pytest.raises(DatabaseError):
        run(Delivery(task, event))
    assert "OperationalError" in Event.objects.get().last_error


@pytest.mark.django_db(transaction=True)
def test_the_commits_of_workers_do_not_wait_for_the_disk() -> None:
    worker_process_init.send(sender=None)
    assert connection_created.disconnect(relax), "new connections are not relaxed"
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        relax(connection=connection)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "off"


def test_without_an_event_a_task_just_works() -> None:
    note(number=7)
    assert WORKED == [7]


def test_a_task_can_be_sent_with_the_payload_and_the_event() -> None:
    """Celery checks arguments before it sends: it must know of both."""
    assert not current_app.conf.task_always_eager
    note.__header__(event_ids=[1], number=2)
