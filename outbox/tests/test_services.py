"""Publishing, relaying and completing events: each is sent at least once."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from outbox import relaying, services
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import BothHappened, ItHappened, Publish

NOTE, OTHER = "outbox.tests.note", "outbox.tests.other"


class BrokerAway(Exception):
    """Raised by a fake broker that is unreachable."""


class ChangeFailed(Exception):
    """Rolls a change back after it has published."""


def publish_and_roll_back(number: int) -> None:
    """Publish an event in a transaction that is rolled back."""
    with transaction.atomic():
        services.publish(ItHappened(number=number))
        raise ChangeFailed


def sent_numbers(events: Sequence[Event | Delivery]) -> list[int]:
    return [event.payload["number"] for event in events]


def end_leases() -> None:
    """Make every lease expire."""
    Event.objects.update(due_at=F("due_at") - timedelta(hours=1))


# --- Publishing ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_publish_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.publish(ItHappened(number=1))
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_an_event_with_several_consumers_is_one_row() -> None:
    services.publish(BothHappened(number=1))
    (event,) = Event.objects.all()
    assert (event.topic, event.payload) == ("both.happened", {"number": 1})
    assert event.consumers == ["outbox.tests.note", "outbox.tests.other"]


@pytest.mark.django_db(transaction=True)
def test_consumers_that_finish_at_the_same_time_leave_no_row() -> None:
    """The second one waits for the row, and finds that it was the last."""
    with transaction.atomic():
        services.publish(BothHappened(number=1))
    ids = list(Event.objects.values_list("pk", flat=True))

    def finish() -> None:
        services.done(ids, task=OTHER)
        connection.close()

    other = threading.Thread(target=finish)
    with transaction.atomic():
        services.done(ids, task=NOTE)
        other.start()
        while not is_any_lock_waited_for():
            assert other.is_alive()
    other.join()
    assert not Event.objects.exists()


def is_any_lock_waited_for() -> bool:
    """Whether a connection to this database waits for a row or a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees no news
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
def test_an_event_without_consumers_has_no_row(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {"it.happened": []}
    assert services.publish(ItHappened(number=1)) is None
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_topic_without_a_route_is_refused(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {}
    with pytest.raises(services.UnknownTopic, match=r"it\.happened"):
        services.publish(ItHappened(number=1))


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_event() -> None:
    with pytest.raises(ChangeFailed):
        publish_and_roll_back(1)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_removes_only_its_own_events() -> None:
    with transaction.atomic():
        services.publish(ItHappened(number=1))
        with pytest.raises(ChangeFailed):
            publish_and_roll_back(2)
        services.publish(ItHappened(number=3))
    assert sent_numbers(list(Event.objects.order_by("id"))) == [1, 3]


# --- The nudge ----------------------------------------------------------------------------------


@pytest.fixture
def listener(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A separate connection that listens on the channel of the relays."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    known = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**known, autocommit=True) as listening:
        listening.execute(f"LISTEN {services.CHANNEL}")
        yield listening


def count_nudges(listener: psycopg.Connection[Any]) -> int:
    """Send a marker notification, and return the number of nudges that arrive before it."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {services.CHANNEL}, 'last'")
    for count, notification in enumerate(listener.notifies(timeout=30)):
        if notification.payload == "last":
            return count
    raise AssertionError("the marker did not arrive")


def test_a_transaction_nudges_the_relay_once(listener: psycopg.Connection[Any]) -> None:
    with transaction.atomic():
        services.publish(ItHappened(number=1))
        services.publish(BothHappened(number=2))
    assert count_nudges(listener) == 1


def test_a_rollback_does_not_nudge_the_relay(listener: psycopg.Connection[Any]) -> None:
    with pytest.raises(ChangeFailed):
        publish_and_roll_back(1)
    assert count_nudges(listener) == 0


def test_the_nudge_survives_a_rolled_back_savepoint(listener: psycopg.Connection[Any]) -> None:
    with transaction.atomic():
        with pytest.raises(ChangeFailed):
            publish_and_roll_back(1)
        services.publish(ItHappened(number=2))
    assert count_nudges(listener) == 1


# --- Relaying -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_sends_due_events_oldest_first(happen: Publish) -> None:
    happen(5)
    sent: list[Delivery] = []
    assert relaying.relay(to=sent.extend) == 5
    assert sent_numbers(sent) == [0, 1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_it_sends_at_most_limit_events(happen: Publish) -> None:
    happen(5)
    sent: list[Delivery] = []
    assert [relaying.relay(to=sent.extend, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert sent_numbers(sent) == [0, 1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_leased_until_it_is_done(happen: Publish) -> None:
    happen()
    relaying.relay(to=lambda event: None)
    assert relaying.relay(to=lambda event: None) == 0
    assert Event.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_not_done_when_its_lease_ends_is_sent_again(happen: Publish) -> None:
    happen()
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    end_leases()
    relaying.relay(to=sent.extend)
    assert sent_numbers(sent) == [0, 0]
    assert services.stuck() == 1


@pytest.mark.django_db(transaction=True)
def test_each_lease_is_twice_as_long_as_the_last_up_to_half_an_hour(
    happen: Publish, settings: Settings
) -> None:
    settings.OUTBOX_LEASE_SECONDS = 30
    happen()
    for seconds in (30, 60, 120, 240, 480, 960, 1920, 1920):
        before = timezone.now()
        relaying.relay(to=lambda event: None)
        after = timezone.now()
        lease = timedelta(seconds=seconds)
        assert before + lease <= Event.objects.get().due_at <= after + lease
        end_leases()


@pytest.mark.django_db(transaction=True)
def test_if_sending_fails_only_the_events_not_yet_sent_are_due(
    happen: Publish,
) -> None:
    happen(4)
    sent: list[Delivery] = []

    def send_and_fail(events: list[Delivery]) -> None:
        if events[0].payload["number"] == 2:
            raise BrokerAway
        sent.extend(events)

    with pytest.raises(BrokerAway):
        relaying.relay(to=send_and_fail)
    assert sent_numbers(sent) == [0, 1]
    relaying.relay(to=sent.extend)
    assert sent_numbers(sent) == [0, 1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_could_not_be_sent_has_no_attempt(happen: Publish) -> None:
    happen()

    def send_and_fail(events: list[Delivery]) -> None:
        raise BrokerAway

    with pytest.raises(BrokerAway):
        relaying.relay(to=send_and_fail)
    assert Event.objects.get().attempts == 0


class FullQueue:
    """A broker that takes no message of the task OTHER while it is full."""

    def __init__(self) -> None:
        self.sent: list[Delivery] = []
        self.tries = 0
        self.is_full = True

    def __call__(self, deliveries: list[Delivery]) -> None:
        if self.is_full and deliveries[0].task == OTHER:
            self.tries += 1
            raise relaying.Refused
        self.sent += deliveries


def seconds_until_due() -> list[float]:
    """For how long each event that is not due has to wait."""
    waiting = Event.objects.filter(due_at__gt=timezone.now()).order_by("pk")
    return [(event.due_at - timezone.now()).total_seconds() for event in waiting]


@pytest.mark.django_db(transaction=True)
def test_a_refused_message_does_not_keep_back_those_of_other_tasks(
    happen: Publish, settings: Settings
) -> None:
    settings.OUTBOX_LEASE_SECONDS = 100
    settings.OUTBOX_ROUTES["it.broke"] = [OTHER]
    broker = FullQueue()
    happen(2, topic="it.broke")
    happen(1, topic="both.happened")
    happen(1)
    assert relaying.relay(to=broker) == 4
    assert [delivery.task for delivery in broker.sent] == [NOTE, NOTE]
    assert broker.tries == 1, "the queue is asked once"
    assert [round(seconds) for seconds in seconds_until_due()] == [1, 1, 1, 100]
    Event.objects.update(due_at=timezone.now())
    broker.is_full = False
    services.done([broker.sent[0].pk], task=NOTE)
    assert relaying.relay(to=broker, limit=3) == 3
    assert [delivery.task for delivery in broker.sent[2:]] == [OTHER, OTHER, OTHER]


@pytest.mark.django_db(transaction=True)
def test_a_backlog_that_is_refused_does_not_keep_back_what_comes_later(happen: Publish) -> None:
    """It is older, and larger than what the relay takes at once."""
    happen(3, topic="both.happened")
    Event.objects.update(consumers=[OTHER])
    happen(1)
    broker = FullQueue()
    assert [relaying.relay(to=broker, limit=2) for _ in range(3)] == [2, 2, 0]
    assert sent_numbers(broker.sent) == [0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("age", "wait"), [(-3600, 1), (0, 1), (10, 10), (3600, 30)])
def test_what_is_refused_waits_for_as_long_as_it_is_old(
    happen: Publish, settings: Settings, age: int, wait: int
) -> None:
    """Within limits, also if the clock was wrong when it was published."""
    settings.OUTBOX_LEASE_SECONDS = 30
    happen(1, topic="both.happened")
    Event.objects.update(consumers=[OTHER], created_at=F("created_at") - timedelta(seconds=age))
    broker = FullQueue()
    assert [relaying.relay(to=broker) for _ in range(2)] == [1, 0]
    assert [round(seconds) for seconds in seconds_until_due()] == [wait]


# --- Completion and failure ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_done_deletes_a_consumed_event_and_is_idempotent(happen: Publish) -> None:
    happen(2)
    first, second = Event.objects.order_by("id")
    both = [first.pk, second.pk]
    assert services.pending(both, task=NOTE) == [first, second]
    services.done([first.pk], task=NOTE)
    services.done([first.pk], task=NOTE)
    assert services.pending(both, task=NOTE) == [second]


@pytest.mark.django_db(transaction=True)
def test_the_last_consumer_deletes_the_event(happen: Publish) -> None:
    happen(1, topic="both.happened")
    happen(1)
    both, alone = Event.objects.order_by("id")
    ids = [both.pk, alone.pk]
    services.done(ids, task=NOTE)
    assert services.pending(ids, task=NOTE) == []
    assert services.pending(ids, task=OTHER) == [both]
    services.done(ids, task=NOTE)
    services.done(ids, task=OTHER)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_is_sent_again_only_to_consumers_that_are_not_done(
    happen: Publish,
) -> None:
    happen(1, topic="both.happened")
    sent: list[Delivery] = []
    assert relaying.relay(to=sent.extend) == 1
    assert [delivery.task for delivery in sent] == [NOTE, OTHER]
    services.done([sent[0].pk], task=NOTE)
    end_leases()
    assert relaying.relay(to=sent.extend) == 1
    assert [delivery.task for delivery in sent[2:]] == [OTHER]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_sent_to_only_one_consumer_stays_due(happen: Publish) -> None:
    happen(1, topic="both.happened")

    def send_and_fail(events: list[Delivery]) -> None:
        if events[0].task == OTHER:
            raise BrokerAway

    with pytest.raises(BrokerAway):
        relaying.relay(to=send_and_fail)
    assert Event.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("error", "stored"),
    [
        ("ValueError: no", "ValueError: no"),
        ("x" * 5000 + "the end", ("x" * 5000 + "the end")[-services.ERROR_LENGTH :]),
        ("a\x00b", "a\\x00b"),
        ("a\ud800b", "a\\ud800b"),
    ],
)
def test_an_error_is_stored_with_the_event(happen: Publish, error: str, stored: str) -> None:
    happen()
    services.record_failure(Event.objects.get().pk, error=error)
    assert Event.objects.get().last_error == stored


@pytest.mark.django_db(transaction=True)
def test_a_stuck_event_can_be_retried_immediately(happen: Publish) -> None:
    happen(2)
    relaying.relay(to=lambda event: None)
    chosen = Event.objects.order_by("id")[1]
    assert services.retry_now([chosen.pk]) == 1
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    assert [event.pk for event in sent] == [chosen.pk]


@pytest.mark.django_db(transaction=True)
def test_retrying_nudges_the_relay(happen: Publish, listener: psycopg.Connection[Any]) -> None:
    happen()
    count_nudges(listener)
    services.retry_now(list(Event.objects.values_list("pk", flat=True)))
    assert count_nudges(listener) == 1


@pytest.mark.django_db(transaction=True)
def test_the_lag_is_the_age_of_the_oldest_unfinished_event(happen: Publish) -> None:
    assert services.lag_seconds() == 0
    happen(2)
    oldest = Event.objects.order_by("id")[0]
    Event.objects.filter(pk=oldest.pk).update(created_at=timezone.now() - timedelta(seconds=90))
    assert services.lag_seconds() >= 90
    services.done([oldest.pk], task=NOTE)
    assert services.lag_seconds() < 90


# --- Streams ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_event_for_streams_alone_is_gone_once_they_were_told(
    happen: Publish, settings: Settings
) -> None:
    settings.OUTBOX_ROUTES = {
        "it.happened": [services.LIVE],
        "both.happened": [services.LIVE, NOTE],
    }
    happen()
    happen(topic="both.happened")
    told: list[dict[str, Any]] = []
    relaying.relay(to=lambda event: None, tell=told.extend)
    assert [message["topic"] for message in told] == ["it.happened", "both.happened"]
    (left,) = Event.objects.all()
    assert (left.topic, left.consumers) == ("both.happened", [NOTE])
