"""Events that are done at once: sent in one message, claimed by one worker, never all held up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction
from pytest_django import Settings

from outbox import services
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import ItHappened
from outbox.worker import Payload, outbox_task_together

pytestmark = pytest.mark.django_db(transaction=True)

WORKED: list[list[int]] = []
MEANWHILE: list[Any] = []
BAD = 13


@outbox_task_together("outbox.tests.together")
def together(payloads: list[Payload]) -> None:
    """Notes the numbers that came together. 13 cannot be done."""
    WORKED.append([payload["number"] for payload in payloads])
    for act in MEANWHILE:
        act()
    if BAD in WORKED[-1]:
        raise ValueError("thirteen")


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHappened(DomainEvent):
    """An event that can be consumed at once with others of its kind."""

    topic = "kind.happened"
    together = ("kind",)
    number: int
    kind: str


@pytest.fixture(autouse=True)
def _fresh(settings: Settings) -> None:
    tasks = ["outbox.tests.together"]
    settings.OUTBOX_ROUTES = {"kind.happened": tasks, "it.happened": tasks}
    WORKED.clear()
    MEANWHILE.clear()


def happen(*numbers: int, kind: str = "a") -> list[int]:
    """Events with these numbers; their ids."""
    before = set(Event.objects.values_list("pk", flat=True))
    for number in numbers:
        with transaction.atomic():
            services.publish(KindHappened(number=number, kind=kind))
    return sorted(set(Event.objects.values_list("pk", flat=True)) - before)


def messages() -> list[list[int]]:
    """What the relay sends, message by message: the numbers in each."""
    sent: list[list[Delivery]] = []
    services.relay(to=sent.append)
    return [[event.payload["number"] for event in events] for events in sent]


def work(*event_ids: int) -> None:
    """What a worker does with a message."""
    current_app.tasks["outbox.tests.together"](event_ids=list(event_ids))


def test_what_can_be_done_at_once_is_sent_in_one_message() -> None:
    happen(1, 2)
    happen(3, kind="b")
    happen(4)
    assert messages() == [[1, 2, 4], [3]]


def test_a_message_does_not_grow_beyond_what_one_task_may_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "TOGETHER_AT_MOST", 2)
    happen(1, 2, 3, 4, 5)
    assert messages() == [[1, 2], [3, 4], [5]]


def test_events_that_are_consumed_one_by_one_are_sent_one_by_one() -> None:
    with transaction.atomic():
        for number in (1, 2):
            services.publish(ItHappened(number=number))
    assert messages() == [[1], [2]]


def test_the_events_of_a_message_are_done_at_once_and_struck_out() -> None:
    work(*happen(1, 2, 3))
    assert WORKED == [[1, 2, 3]]
    assert not Event.objects.exists()


def test_whoever_finds_a_backlog_takes_some_of_it_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "TOGETHER_AT_MOST", 3)
    first, *_ = happen(1, 2, 3, 4)
    happen(5, kind="b")
    work(first)
    assert WORKED == [[1, 2, 3]]
    assert [event.payload["number"] for event in Event.objects.order_by("pk")] == [4, 5]


def test_a_message_whose_events_are_done_takes_nothing_along() -> None:
    (first,) = happen(1)
    work(first)
    happen(2)
    work(first)
    assert WORKED == [[1]]


def test_what_failed_before_is_not_taken_along() -> None:
    first, second = happen(1, 2)
    services.failed(second, error="ValueError: no")
    work(first)
    assert WORKED == [[1]]


def test_what_another_worker_is_at_is_not_taken_along() -> None:
    """The second worker comes while the first works: it does the rest and waits for nothing."""
    first, second, _ = happen(1, 2, 3)
    services.failed(second, error="so that the first does not take it along")
    done: list[list[int]] = []

    def another_worker() -> None:
        MEANWHILE.clear()
        in_a_thread(lambda: work(second)).join(30)
        done.append(list(WORKED[-1]))

    MEANWHILE.append(another_worker)
    work(first)
    assert done == [[2]]
    assert WORKED == [[1, 3], [2]]
    assert not Event.objects.exists()


def in_a_thread(act: Callable[[], object]) -> threading.Thread:
    """Start what another process would do meanwhile."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_message_that_overtakes_the_commit_of_its_relay_is_not_lost() -> None:
    happen(1)
    workers: list[threading.Thread] = []

    def send(events: list[Delivery]) -> None:
        workers.append(in_a_thread(lambda: work(*(event.pk for event in events))))
        time.sleep(0.2)  # it has begun, and our transaction has not ended

    assert services.relay(to=send) == 1
    workers[0].join(30)
    assert WORKED == [[1]]
    assert not Event.objects.exists()


def test_a_repeat_that_comes_while_the_work_is_done_does_not_do_it_again() -> None:
    (only,) = happen(1)
    repeats: list[threading.Thread] = []

    def once_more() -> None:
        MEANWHILE.clear()
        repeats.append(in_a_thread(lambda: work(only)))
        time.sleep(0.2)

    MEANWHILE.append(once_more)
    work(only)
    repeats[0].join(30)
    assert WORKED == [[1]]


def test_one_that_cannot_be_done_does_not_keep_the_others_from_it() -> None:
    ids = happen(1, BAD, 2)
    with pytest.raises(ValueError, match="thirteen"):
        work(*ids)
    assert WORKED == [[1, BAD, 2], [1], [BAD], [2]]
    (left,) = Event.objects.all()
    assert (left.payload["number"], left.last_error) == (BAD, "ValueError: thirteen")


def test_one_alone_that_cannot_be_done_is_kept_with_its_error() -> None:
    (only,) = happen(BAD)
    with pytest.raises(ValueError, match="thirteen"):
        work(only)
    assert WORKED == [[BAD]]
    assert Event.objects.get().last_error == "ValueError: thirteen"


def test_what_the_work_wrote_goes_with_it_when_it_fails() -> None:
    (only,) = happen(BAD)
    MEANWHILE.append(lambda: happen(99, kind="next step"))
    with pytest.raises(ValueError, match="thirteen"):
        work(only)
    assert [event.payload["number"] for event in Event.objects.all()] == [BAD]
