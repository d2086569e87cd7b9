"""What the relay gathers, and when it sends it."""

import pytest
from pytest_django import Settings

from outbox.gathering import GATHER_SECONDS, Gathering
from outbox.models import Event
from outbox.relaying import Delivery, Refused
from outbox.services import MAX_BATCH

PATIENT, PATIENT_TOO = "outbox.tests.patient", "outbox.tests.patient_too"
OTHER = "outbox.tests.other"


class Broker:
    """Notes the ids of the events of each message, and has a clock."""

    def __init__(self) -> None:
        self.messages: list[list[int]] = []
        self.is_away = False
        self.refuses: set[str] = set()
        self.seconds = 100.0
        self.gathering = Gathering(self.send, lambda: self.seconds)

    def send(self, deliveries: list[Delivery]) -> None:
        if self.is_away:
            raise ConnectionError
        if deliveries[0].task in self.refuses:
            raise Refused
        self.messages.append([delivery.pk for delivery in deliveries])

    def take(self, *ids: int, task: str = PATIENT, together: str | None = "") -> None:
        """Have the relay send a message with these events."""
        events = [Event(pk=id_, topic="it.happened", together=together) for id_ in ids]
        self.gathering.take([Delivery(task, event) for event in events])


@pytest.fixture
def broker(settings: Settings) -> Broker:
    settings.OUTBOX_GATHERED = {PATIENT, PATIENT_TOO}
    return Broker()


def test_patient_tasks_are_sent_together_after_a_moment(broker: Broker) -> None:
    broker.take(1, 2)
    broker.seconds += GATHER_SECONDS / 2
    broker.take(3)
    broker.take(4, task=OTHER)
    broker.gathering.send_due()
    assert broker.messages == [[4]]
    assert broker.gathering.seconds_left() == pytest.approx(GATHER_SECONDS / 2)
    broker.seconds += GATHER_SECONDS
    broker.gathering.send_due()
    assert broker.messages == [[4], [1, 2, 3]]
    assert broker.gathering.seconds_left() == float("inf")


def test_events_that_cannot_be_consumed_together_are_not_put_together(broker: Broker) -> None:
    for id_, together in ((1, None), (2, None), (3, ""), (4, "")):
        broker.take(id_, together=together)
    broker.gathering.send_due(all_=True)
    assert broker.messages == [[1], [2], [3, 4]]


def test_a_message_does_not_grow_beyond_a_batch(broker: Broker) -> None:
    broker.take(*range(MAX_BATCH - 1))
    broker.take(100, 101)
    assert broker.messages == [[*range(MAX_BATCH - 1)]]
    broker.gathering.send_due(all_=True)
    assert broker.messages[1:] == [[100, 101]]


def test_what_the_broker_did_not_take_is_kept(broker: Broker) -> None:
    broker.is_away = True
    broker.take(*range(MAX_BATCH))
    broker.seconds += GATHER_SECONDS
    with pytest.raises(ConnectionError):
        broker.gathering.send_due()
    with pytest.raises(ConnectionError):
        broker.take(100)
    assert broker.gathering.seconds_left() == 0
    broker.is_away = False
    broker.gathering.send_due()
    assert broker.messages == [[*range(MAX_BATCH)]]


def test_what_the_broker_refuses_is_left_to_its_lease_and_the_rest_is_sent(broker: Broker) -> None:
    broker.refuses = {PATIENT}
    broker.take(1)
    broker.take(2, task=PATIENT_TOO)
    broker.gathering.send_due(all_=True)
    broker.refuses = set()
    broker.take(3)
    broker.gathering.send_due(all_=True)
    assert broker.messages == [[2], [3]]
