"""`manage.py relay` as a separate process with a real broker, through restarts of its servers."""

import signal
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from queue import Empty

import pytest
from celery import current_app
from django.conf import settings
from django.db import connections, transaction

from outbox import relaying
from outbox.models import Event
from outbox.tests.conftest import Publish
from tests.helpers.faults import embedded_servers, without
from tests.helpers.processes import RELAY, process, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NEVER = "3600"
TIMEOUT = 60.0  # seconds
Relay = subprocess.Popen[bytes]


def relay(log: Path, *arguments: str) -> AbstractContextManager[Relay]:
    """Run the command on the test database during the block."""
    return process(log, *RELAY, *arguments)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "relay.log"


def delivered() -> list[int]:
    """Take all messages from the broker, and return the numbers of their events in order."""
    numbers = []
    with current_app.connection_for_read() as broker, suppress(Empty):
        queue = broker.SimpleQueue(settings.CELERY_TASK_DEFAULT_QUEUE)
        while True:
            message = queue.get_nowait()
            _, payload, _ = message.payload
            events = Event.objects.filter(pk__in=payload.get("event_ids", [])).order_by("pk")
            numbers += [event.payload["number"] for event in events]
            message.ack()
    return numbers


class Inbox:
    """The numbers of all events that the broker has delivered so far."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def has(self, count: int) -> Callable[[], bool]:
        """Return a function that checks whether this many have arrived, for `wait_until`."""

        def has_enough() -> bool:
            self.numbers += delivered()
            return len(self.numbers) >= count

        return has_enough


def is_alive(running: Relay) -> bool:
    return running.poll() is None


def test_it_relays_when_nudged_without_waiting_for_a_sweep(log: Path, happen: Publish) -> None:
    """The sweeps before and after LISTEN can find two of the events; the others need nudges."""
    inbox = Inbox()
    with relay(log, "--sweep", NEVER):
        for count in range(1, 11):
            happen(1)
            wait_until(inbox.has(count), log)


def test_it_relays_at_the_next_sweep_without_a_nudge(log: Path) -> None:
    inbox = Inbox()
    with relay(log, "--sweep", "0.1"):
        for number in range(3):
            with transaction.atomic():
                Event.objects.create(
                    topic="it.happened",
                    consumers=["outbox.tests.note"],
                    payload={"number": number},
                )
            wait_until(inbox.has(number + 1), log)
    assert inbox.numbers == [0, 1, 2]


def test_it_survives_a_restart_of_postgres(log: Path, happen: Publish) -> None:
    inbox = Inbox()
    with relay(log, "--sweep", NEVER) as running:
        happen(1)
        wait_until(inbox.has(1), log)
        with without(embedded_servers().postgres, kill=True):
            pass
        for count in range(2, 8):
            happen(1)
            wait_until(inbox.has(count), log)
        assert is_alive(running)


def test_it_survives_a_restart_of_the_broker(log: Path, happen: Publish) -> None:
    inbox = Inbox()
    with relay(log, "--sweep", NEVER) as running:
        happen(1)
        wait_until(inbox.has(1), log)
        with without(embedded_servers().valkey, kill=True):
            happen(2)
            wait_until(lambda: "trying again" in log.read_text(), log)
            assert Event.objects.filter(attempts=0).count() == 2
        wait_until(inbox.has(3), log)
        assert is_alive(running)
    assert inbox.numbers == [0, 0, 1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_a_signal(log: Path, happen: Publish, number: signal.Signals) -> None:
    with relay(log) as running:
        happen(1)
        wait_until(Inbox().has(1), log)
        running.send_signal(number)
        assert running.wait(TIMEOUT) == 0
    assert "Traceback" not in log.read_text()


def test_it_stops_on_a_signal_while_the_broker_is_away(log: Path, happen: Publish) -> None:
    with relay(log) as running:
        happen(1)
        wait_until(Inbox().has(1), log)
        with without(embedded_servers().valkey):
            happen(1)
            wait_until(lambda: "trying again" in log.read_text(), log)
            running.terminate()
            assert running.wait(TIMEOUT) == 0


def test_once_relays_all_due_events_and_exits(log: Path, happen: Publish) -> None:
    happen(relaying.RELAY_BATCH + 1)
    with relay(log, "--once") as running:
        assert running.wait(TIMEOUT) == 0, log.read_text()
    assert len(delivered()) == relaying.RELAY_BATCH + 1


def test_once_sends_what_it_gathered(log: Path) -> None:
    Event.objects.create(
        topic="it.happened", consumers=[*settings.OUTBOX_GATHERED], payload={"number": 7}
    )
    with relay(log, "--once") as running:
        assert running.wait(TIMEOUT) == 0, log.read_text()
    assert delivered() == [7]


def test_once_exits_with_an_error_without_the_broker(log: Path, happen: Publish) -> None:
    happen(1)
    with without(embedded_servers().valkey), relay(log, "--once") as running:
        assert running.wait(TIMEOUT) != 0
    connections.close_all()
    assert Event.objects.get().attempts == 0


def test_it_is_the_scheduler_as_well(log: Path, tmp_path: Path, happen: Publish) -> None:
    """Events are relayed, and what was sent is remembered by the next process."""
    inbox = Inbox()
    schedule = ("--schedule", str(tmp_path / "schedule"))
    with relay(log, *schedule) as first:
        wait_until(lambda: "Sending due task end-polls" in log.read_text(), log)
        happen(1)
        wait_until(inbox.has(1), log)
        first.terminate()
        assert first.wait(TIMEOUT) == 0
    log.write_text("")
    with relay(log, *schedule):
        wait_until(lambda: "Sending due task end-polls" in log.read_text(), log)
    assert "refresh-tiers" not in log.read_text()  # it was sent less than an hour ago


def test_it_ends_if_its_scheduler_does(log: Path, tmp_path: Path) -> None:
    with relay(log, "--schedule", str(tmp_path / "away" / "schedule")) as process:
        assert process.wait(TIMEOUT) == 1
    assert "The scheduler has ended." in log.read_text()
