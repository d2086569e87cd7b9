"""Batches: events that are sent in one message and consumed together by one worker."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction
from pytest_django import Settings

from outbox import relaying, services
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import ItHappened
from outbox.worker import Payload, outbox_task_together, outbox_task_unlocked

pytestmark = pytest.mark.django_db(transaction=True)

WORKED: list[list[int]] = []  # the numbers of each call
DURING_WORK: list[Any] = []  # functions that the task calls while it works
BAD = 13


@outbox_task_together("outbox.tests.together")
def together(payloads: list[Payload]) -> None:
    """Record the numbers of one call."""
    record(payloads)


def record(payloads: list[Payload]) -> None:
    """Record the numbers of one call, and fail if 13 is among them."""
    WORKED.append([payload["number"] for payload in payloads])
    for action in DURING_WORK:
        action()
    if BAD in WORKED[-1]:
        raise ValueError("thirteen")


@outbox_task_unlocked("outbox.tests.unlocked")
def unlocked(payloads: list[Payload]) -> None:
    """Do the same without locks."""
    record(payloads)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHappened(DomainEvent):
    """An event that can be consumed together with others of its kind."""

    topic = "kind.happened"
    together = ("kind",)
    number: int
    kind: str


@pytest.fixture(autouse=True)
def _reset(settings: Settings) -> None:
    tasks = ["outbox.tests.together"]
    settings.OUTBOX_ROUTES = {"kind.happened": tasks, "it.happened": tasks}
    WORKED.clear()
    DURING_WORK.clear()


def happen(*numbers: int, kind: str = "a") -> list[int]:
    """Publish events with these numbers, and return their ids."""
    before = set(Event.objects.values_list("pk", flat=True))
    for number in numbers:
        with transaction.atomic():
            services.publish(KindHappened(number=number, kind=kind))
    return sorted(set(Event.objects.values_list("pk", flat=True)) - before)


def messages() -> list[list[int]]:
    """Relay once, and return the numbers in each message."""
    sent: list[list[Delivery]] = []
    relaying.relay(to=sent.append)
    return [[event.payload["number"] for event in events] for events in sent]


def work(*event_ids: int, task: str = "outbox.tests.together") -> None:
    """Handle a message as a worker does."""
    current_app.tasks[task](event_ids=list(event_ids))


def test_events_with_one_batch_key_are_sent_in_one_message() -> None:
    happen(1, 2)
    happen(3, kind="b")
    happen(4)
    assert messages() == [[1, 2, 4], [3]]


def test_a_message_has_at_most_one_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaying, "MAX_BATCH", 2)
    happen(1, 2, 3, 4, 5)
    assert messages() == [[1, 2], [3, 4], [5]]


def test_events_without_a_batch_key_are_sent_separately() -> None:
    with transaction.atomic():
        for number in (1, 2):
            services.publish(ItHappened(number=number))
    assert messages() == [[1], [2]]


def test_the_events_of_a_message_are_consumed_together() -> None:
    work(*happen(1, 2, 3))
    assert WORKED == [[1, 2, 3]]
    assert not Event.objects.exists()


def test_a_batch_leaves_events_to_their_other_consumers(settings: Settings) -> None:
    (alone,) = happen(1)
    settings.OUTBOX_ROUTES["kind.happened"] = ["outbox.tests.together", "outbox.tests.unlocked"]
    (shared,) = happen(2)
    work(alone, shared)
    assert WORKED == [[1, 2]]
    assert list(Event.objects.values_list("pk", "consumers")) == [
        (shared, ["outbox.tests.unlocked"])
    ]
    work(shared, task="outbox.tests.unlocked")
    assert not Event.objects.exists()


def test_a_worker_fills_its_batch_from_the_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_BATCH", 3)
    first, *_ = happen(1, 2, 3, 4)
    happen(5, kind="b")
    work(first)
    assert WORKED == [[1, 2, 3]]
    assert [event.payload["number"] for event in Event.objects.order_by("pk")] == [4, 5]


def test_a_repeated_message_claims_no_other_events() -> None:
    (first,) = happen(1)
    work(first)
    happen(2)
    work(first)
    assert WORKED == [[1]]


def test_failed_events_do_not_fill_a_batch() -> None:
    first, second = happen(1, 2)
    services.record_failure(second, error="ValueError: no")
    work(first)
    assert WORKED == [[1]]


def test_events_that_another_worker_has_locked_do_not_fill_a_batch() -> None:
    """The second worker starts while the first works: it does not wait for the first."""
    first, second, _ = happen(1, 2, 3)
    services.record_failure(second, error="so that the first worker does not claim it")
    consumed: list[list[int]] = []

    def run_another_worker() -> None:
        DURING_WORK.clear()
        in_a_thread(lambda: work(second)).join(30)
        consumed.append(list(WORKED[-1]))

    DURING_WORK.append(run_another_worker)
    work(first)
    assert consumed == [[2]]
    assert WORKED == [[1, 3], [2]]
    assert not Event.objects.exists()


def in_a_thread(action: Callable[[], object]) -> threading.Thread:
    """Run an action in a thread with its own connection, in place of another process."""

    def run() -> None:
        try:
            action()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_message_that_arrives_before_its_relay_commits_is_not_lost() -> None:
    happen(1)
    workers: list[threading.Thread] = []

    def send(events: list[Delivery]) -> None:
        workers.append(in_a_thread(lambda: work(*(event.pk for event in events))))
        time.sleep(0.2)  # the worker has started, and our transaction is still open

    assert relaying.relay(to=send) == 1
    workers[0].join(30)
    assert WORKED == [[1]]
    assert not Event.objects.exists()


def test_a_repeated_message_during_the_work_does_not_repeat_it() -> None:
    (only,) = happen(1)
    repeats: list[threading.Thread] = []

    def repeat_the_message() -> None:
        DURING_WORK.clear()
        repeats.append(in_a_thread(lambda: work(only)))
        time.sleep(0.2)

    DURING_WORK.append(repeat_the_message)
    work(only)
    repeats[0].join(30)
    assert WORKED == [[1]]


def test_an_event_that_fails_does_not_block_the_rest_of_its_batch() -> None:
    ids = happen(1, BAD, 2)
    with pytest.raises(ValueError, match="thirteen"):
        work(*ids)
    assert WORKED == [[1, BAD, 2], [1], [BAD], [2]]
    (failed,) = Event.objects.all()
    assert (failed.payload["number"], failed.last_error) == (BAD, "ValueError: thirteen")


def test_a_single_event_that_fails_is_stored_with_its_error() -> None:
    (only,) = happen(BAD)
    with pytest.raises(ValueError, match="thirteen"):
        work(only)
    assert WORKED == [[BAD]]
    assert Event.objects.get().last_error == "ValueError: thirteen"


def test_the_writes_of_failed_work_are_rolled_back() -> None:
    (only,) = happen(BAD)
    DURING_WORK.append(lambda: happen(99, kind="next step"))
    with pytest.raises(ValueError, match="thirteen"):
        work(only)
    assert [event.payload["number"] for event in Event.objects.all()] == [BAD]


class TestUnlocked:
    """Batches of a task that locks no events."""

    TASK = "outbox.tests.unlocked"

    @pytest.fixture(autouse=True)
    def _route(self, settings: Settings) -> None:
        settings.OUTBOX_ROUTES = {"kind.happened": [self.TASK, "outbox.tests.together"]}

    def test_the_events_of_a_message_are_consumed_together(self) -> None:
        ids = happen(1, 2, 3)
        work(*ids, task=self.TASK)
        assert WORKED == [[1, 2, 3]]
        work(*ids, task=self.TASK)
        assert WORKED == [[1, 2, 3]], "they are consumed already"
        work(*ids)
        assert not Event.objects.exists()

    def test_an_event_that_fails_does_not_block_the_rest_of_its_batch(self) -> None:
        ids = happen(1, BAD, 2)
        with pytest.raises(ValueError, match="thirteen"):
            work(*ids, task=self.TASK)
        assert WORKED == [[1, BAD, 2], [1], [BAD], [2]]
        failed = Event.objects.get(consumers__contains=[self.TASK])
        assert (failed.payload["number"], failed.last_error) == (BAD, "ValueError: thirteen")

    def test_other_consumers_of_the_events_do_not_wait(self) -> None:
        ids = happen(1, 2)
        consumed: list[list[int]] = []

        def run_the_other_consumer() -> None:
            DURING_WORK.clear()
            in_a_thread(lambda: work(*ids)).join(30)
            consumed.append(list(WORKED[-1]))

        DURING_WORK.append(run_the_other_consumer)
        work(*ids, task=self.TASK)
        assert consumed == [[1, 2]]
        assert not Event.objects.exists()
