"""Several relays on one outbox: they share the work, never wait for one another, and may die."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, connection

from outbox import services
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import Publish
from tests.helpers.faults import embedded_servers, frozen, without

RELAYS = 16
EVENTS = RELAYS * services.RELAY_BATCH


class Sent:
    """A broker's side: which events were sent, and by which thread."""

    def __init__(self) -> None:
        self.by: dict[str, list[int]] = {}

    def __call__(self, events: list[Delivery]) -> None:
        ours = self.by.setdefault(threading.current_thread().name, [])
        ours += [event.pk for event in events]

    @property
    def all(self) -> list[int]:
        return [pk for pks in self.by.values() for pk in pks]


def relay_all(sent: services.Send) -> None:
    try:
        while services.relay(to=sent):
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
def test_no_relay_waits_for_another(happen: Publish) -> None:
    """Each holds its batch until all sixteen hold theirs: waiting would break the barrier."""
    happen(EVENTS)
    together = threading.Barrier(RELAYS, timeout=30)
    sent = Sent()

    def meet(events: list[Delivery]) -> None:
        if threading.current_thread().name not in sent.by:
            together.wait()
        sent(events)

    def relay_once(_: int) -> int:
        try:
            return services.relay(to=meet)
        finally:
            connection.close()

    with ThreadPoolExecutor(RELAYS) as pool:
        counts = list(pool.map(relay_once, range(RELAYS)))
    assert counts == [services.RELAY_BATCH] * RELAYS
    assert len(set(sent.all)) == EVENTS


@pytest.mark.django_db(transaction=True)
def test_publishing_does_not_wait_for_a_relay_that_is_sending(happen: Publish) -> None:
    happen()
    published = threading.Event()

    def slow(events: list[Delivery]) -> None:
        assert published.wait(30), "publishing was held up"

    with ThreadPoolExecutor(1) as pool:
        relaying = pool.submit(relay_all, slow)
        happen(3)
        published.set()
        relaying.result()
    assert Event.objects.count() == 4


def kill_backend(pid: int) -> None:
    """End a connection from the server's side, as a crash would."""
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

    def crash_in_the_middle(events: list[Delivery]) -> None:
        sent(events)
        if len(sent.all) == 2:
            kill_backend(connection.connection.info.backend_pid)

    with pytest.raises(DatabaseError):
        services.relay(to=crash_in_the_middle)
    connection.close()
    services.relay(to=sent)
    everything = list(Event.objects.order_by("id").values_list("pk", flat=True))
    assert sent.all == everything * 2


@pytest.mark.django_db(transaction=True)
def test_without_the_broker_events_stay_due(happen: Publish) -> None:
    happen(2)
    with without(embedded_servers().valkey), pytest.raises(Exception, match=r"(?i)connect"):
        services.relay()
    assert list(Event.objects.values_list("attempts", flat=True)) == [0, 0]
    assert services.relay() == 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_does_not_hold_the_relay(happen: Publish) -> None:
    happen(2)
    assert services.relay(limit=1) == 1, "the connection to the broker is open"
    with (
        frozen(embedded_servers().valkey),
        pytest.raises(Exception, match=r"(?i)timeout|timed out"),
    ):
        services.relay()
    assert sorted(Event.objects.values_list("attempts", flat=True)) == [0, 1]
    assert services.relay() == 1
