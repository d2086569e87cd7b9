"""Follow-up work that a worker runs itself, right after the task that published it (`keep`)."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from outbox import relaying, services
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.worker import Payload, keep, outbox_task_together

pytestmark = pytest.mark.django_db(transaction=True)

CALLS: list[tuple[str, int]] = []
MODES: set[str] = set()  # "first" and "second" fail in that half; "relaying" relays in the second


@dataclass(frozen=True, slots=True, kw_only=True)
class ItBegan(DomainEvent):
    """The first half of some work."""

    topic = "it.began"
    together = ()
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItGoesOn(DomainEvent):
    """The second half."""

    topic = "it.goes.on"
    together = ()
    number: int


@outbox_task_together("outbox.tests.first")
def first(payloads: list[Payload]) -> None:
    """The first half: keeps the second half for this worker."""
    for payload in payloads:
        keep(ItGoesOn(**payload))
        CALLS.append(("first", payload["number"]))
    if "first" in MODES:
        raise ValueError("first")


@outbox_task_together("outbox.tests.second")
def second(payloads: list[Payload]) -> None:
    """The second half: in mode "relaying" it records which events the relay sends during it."""
    CALLS.extend(("second", payload["number"]) for payload in payloads)
    if "second" in MODES:
        raise ValueError("second")
    if "relaying" in MODES:
        CALLS.extend(("relayed", event.pk) for event in relayed())


@pytest.fixture(autouse=True)
def _reset(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {
        "it.began": ["outbox.tests.first"],
        "it.goes.on": ["outbox.tests.second"],
    }
    CALLS.clear()
    MODES.clear()


def begin(*numbers: int) -> list[int]:
    """Publish events of the first half, and return their ids."""
    with transaction.atomic():
        events = [services.publish(ItBegan(number=number)) for number in numbers]
    return [event.pk for event in events if event is not None]


def work(event_ids: list[int]) -> None:
    """Handle a message as a worker does."""
    current_app.tasks["outbox.tests.first"](event_ids=event_ids)


def relayed() -> list[Delivery]:
    """Relay once, and return what was sent."""
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    return sent


def test_a_worker_runs_the_follow_up_work_it_kept() -> None:
    work(begin(1))
    assert CALLS == [("first", 1), ("second", 1)]
    assert services.owed() == 0


def test_the_relay_does_not_send_kept_work_during_the_lease() -> None:
    MODES.add("relaying")
    work(begin(1))
    assert CALLS == [("first", 1), ("second", 1)]


def test_the_relay_sends_kept_work_when_the_lease_of_a_dead_worker_expires() -> None:
    with transaction.atomic():
        event = services.publish(ItGoesOn(number=1), leased=True)
    assert event is not None
    assert relayed() == []
    event.refresh_from_db()
    lease = timedelta(seconds=django_settings.OUTBOX_LEASE_SECONDS)
    assert timezone.now() < event.due_at <= timezone.now() + lease
    Event.objects.update(due_at=timezone.now())
    assert [delivery.pk for delivery in relayed()] == [event.pk]


def test_kept_work_is_rolled_back_with_the_task_that_fails() -> None:
    MODES.add("first")
    with pytest.raises(ValueError, match="first"):
        work(begin(1))
    assert CALLS == [("first", 1)]
    assert [event.consumers for event in Event.objects.all()] == [["outbox.tests.first"]]


def test_kept_work_that_fails_is_stored_and_the_first_task_is_not_repeated() -> None:
    MODES.add("second")
    with pytest.raises(ValueError, match="second"):
        work(begin(1))
    (event,) = Event.objects.all()
    assert (event.consumers, event.last_error) == (["outbox.tests.second"], "ValueError: second")
    assert event.due_at < timezone.now() + timedelta(seconds=2), "it is due again after a second"


def test_a_retry_one_by_one_keeps_nothing() -> None:
    MODES.add("first")
    with pytest.raises(ValueError, match="first"):
        work(begin(1, 2))
    assert {task for task, _ in CALLS} == {"first"}
    assert [event.consumers for event in Event.objects.all()] == [["outbox.tests.first"]] * 2


def test_outside_of_a_worker_keep_only_publishes() -> None:
    with transaction.atomic():
        current_app.tasks["outbox.tests.first"](number=1)
    (delivery,) = relayed()
    assert (delivery.task, delivery.event.attempts) == ("outbox.tests.second", 0)
