"""What a worker keeps for itself: done right after the task that published it, or by others."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from outbox import services
from outbox.events import DomainEvent
from outbox.models import Event
from outbox.services import Delivery
from outbox.worker import Payload, keep, outbox_task_together

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[tuple[str, int]] = []
BAD: set[str] = set()


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
    """Keeps the second half of the work."""
    for payload in payloads:
        keep(ItGoesOn(**payload))
        SEEN.append(("first", payload["number"]))
    if "first" in BAD:
        raise ValueError("first")


@outbox_task_together("outbox.tests.second")
def second(payloads: list[Payload]) -> None:
    """The second half: may write down when its event is due to others."""
    SEEN.extend(("second", payload["number"]) for payload in payloads)
    if "second" in BAD:
        raise ValueError("second")
    if "looking" in BAD:
        SEEN.extend(("relayed", event.pk) for event in relayed())


@pytest.fixture(autouse=True)
def _fresh(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {
        "it.began": ["outbox.tests.first"],
        "it.goes.on": ["outbox.tests.second"],
    }
    SEEN.clear()
    BAD.clear()


def begin(*numbers: int) -> list[int]:
    """Events of the first half; their ids."""
    with transaction.atomic():
        events = [services.publish(ItBegan(number=number)) for number in numbers]
    return [event.pk for event in events if event is not None]


def work(event_ids: list[int]) -> None:
    """What a worker does with a message."""
    current_app.tasks["outbox.tests.first"](event_ids=event_ids)


def relayed() -> list[Delivery]:
    """What the relay sends now."""
    sent: list[Delivery] = []
    services.relay(to=sent.extend)
    return sent


def test_a_worker_goes_on_with_what_it_kept() -> None:
    work(begin(1))
    assert SEEN == [("first", 1), ("second", 1)]
    assert services.owed() == 0


def test_nobody_else_is_sent_what_is_kept_while_its_worker_lives() -> None:
    BAD.add("looking")
    work(begin(1))
    assert SEEN == [("first", 1), ("second", 1)]


def test_what_is_kept_by_a_worker_that_dies_is_sent_when_the_lease_ends() -> None:
    with transaction.atomic():
        event = services.publish(ItGoesOn(number=1), leased=True)
    assert event is not None
    assert relayed() == []
    event.refresh_from_db()
    lease = timedelta(seconds=django_settings.OUTBOX_LEASE_SECONDS)
    assert timezone.now() < event.due_at <= timezone.now() + lease
    Event.objects.update(due_at=timezone.now())
    assert [delivery.pk for delivery in relayed()] == [event.pk]


def test_what_is_kept_goes_with_the_work_that_fails() -> None:
    BAD.add("first")
    with pytest.raises(ValueError, match="first"):
        work(begin(1))
    assert SEEN == [("first", 1)]
    assert [event.consumers for event in Event.objects.all()] == [["outbox.tests.first"]]


def test_kept_work_that_fails_stays_owed_and_what_came_before_it_does_not() -> None:
    BAD.add("second")
    with pytest.raises(ValueError, match="second"):
        work(begin(1))
    (event,) = Event.objects.all()
    assert (event.consumers, event.last_error) == (["outbox.tests.second"], "ValueError: second")
    assert event.due_at < timezone.now() + timedelta(seconds=2), "due again after a second"


def test_what_is_tried_alone_keeps_nothing_and_leaves_the_rest_to_the_relay() -> None:
    BAD.add("first")
    with pytest.raises(ValueError, match="first"):
        work(begin(1, 2))
    assert {task for task, _ in SEEN} == {"first"}
    assert [event.consumers for event in Event.objects.all()] == [["outbox.tests.first"]] * 2


def test_outside_of_a_worker_it_is_published() -> None:
    with transaction.atomic():
        current_app.tasks["outbox.tests.first"](number=1)
    (event,) = relayed()
    assert (event.task, event.event.attempts) == ("outbox.tests.second", 0)
