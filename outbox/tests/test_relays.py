"""Several relays on one outbox: they share the work, do not block each other, and may crash."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, connection

from outbox import relaying
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import Publish
from tests.helpers.faults import embedded_servers, frozen, without

RELAYS = 16
EVENTS = RELAYS * relaying.RELAY_BATCH


class Sent:
    """Stands in for the broker: the ids of the events that each thread sent."""

    def __init__(self) -> None:
        self.by: dict[str, list[int]] = {}

    def __call__(self, events: list[Delivery]) -> None:
        ids = self.by.setdefault(threading.current_thread().name, [])
        ids += [event.pk for event in events]

    @property
    def all(self) -> list[int]:
        return [pk for pks in self.by.values() for pk in pks]


def relay_all(send: relaying.Send) -> None:
    """Relay until nothing is due, in a thread with its own connection."""
    try:
        while relaying.relay(to=send):
            pass
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_sixteen_relays_share_the_work_without_doubling(happen: Publish) -> None:
    happen(EVENTS)
    sent = Sent()
    with ThreadPoolExecutor(RELAYS) as pool:
        list(pool.map(lambda _: relay_all(sent), range(RELAYS)))
    assert Counter(sent.all) == Counter(Event.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_relays_do_not_wait_for_each_other(happen: Publish) -> None:
    """Each relay holds its batch until all have one: if one waited, the barrier would time out."""
    happen(EVENTS)
    barrier = threading.Barrier(RELAYS, timeout=30)
    sent = Sent()

    def send_after_barrier(events: list[Delivery]) -> None:
        if threading.current_thread().name not in sent.by:
            barrier.wait()
        sent(events)

    def relay_once(_: int) -> int:
        try:
            return relaying.relay(to=send_after_barrier)
        finally:
            connection.close()

    with ThreadPoolExecutor(RELAYS) as pool:
        counts = list(pool.map(relay_once, range(RELAYS)))
    assert counts == [relaying.RELAY_BATCH] * RELAYS
    assert len(set(sent.all)) == EVENTS


@pytest.mark.django_db(transaction=True)
def test_publishing_does_not_wait_for_a_relay_that_is_sending(happen: Publish) -> None:
    happen()
    published = threading.Event()

    def send_slowly(events: list[Delivery]) -> None:
        assert published.wait(30), "publishing was blocked"

    with ThreadPoolExecutor(1) as pool:
        relaying = pool.submit(relay_all, send_slowly)
        happen(3)
        published.set()
        relaying.result()
    assert Event.objects.count() == 4


def kill_backend(pid: int) -> None:
    """Close a connection on the server side, as a crash would."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in {"host", "port", "user", "password", "dbname"}
    }
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_sending_and_commit_sends_again(happen: Publish) -> None:
    happen(3)
    sent = Sent()

    def crash_after_two(events: list[Delivery]) -> None:
        sent(events)
        if len(sent.all) == 2:
            kill_backend(connection.connection.info.backend_pid)

    with pytest.raises(DatabaseError):
        relaying.relay(to=crash_after_two)
    connection.close()
    relaying.relay(to=sent)
    everything = list(Event.objects.order_by("id").values_list("pk", flat=True))
    assert sent.all == everything * 2


@pytest.mark.django_db(transaction=True)
def test_without_the_broker_events_stay_due(happen: Publish) -> None:
    happen(2)
    with without(embedded_servers().valkey), pytest.raises(Exception, match=r"(?i)connect"):
        relaying.relay()
    assert list(Event.objects.values_list("attempts", flat=True)) == [0, 0]
    assert relaying.relay() == 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_does_not_block_the_relay(happen: Publish) -> None:
    happen(2)
    assert relaying.relay(limit=1) == 1, "the connection to the broker is open"
    with (
        frozen(embedded_servers().valkey),
        pytest.raises(Exception, match=r"(?i)timeout|timed out"),
    ):
        relaying.relay()
    assert sorted(Event.objects.values_list("attempts", flat=True)) == [0, 1]
    assert relaying.relay() == 1
