"""Steps of the relay, the broker and the workers, including their failures."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from celery import current_app
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chirp.redis.client import RedisAway, guarded
from outbox import relaying
from outbox import services as outbox
from outbox.models import Event
from outbox.relaying import Delivery as Sent
from timelines.tests.model import invariants
from timelines.tests.model.world import INDEX, ProcessKilled, World

MAX_ROUNDS = 100  # all pending events must be done after this many rounds
ALL = 1000
ORDER = st.lists(INDEX, min_size=1, max_size=8)
Run = Callable[[], None]


class Delivery(World):
    """Events are sent and their tasks run: late, twice, in any order, or not at all."""

    @rule(limit=st.sampled_from([1, 3, ALL]))
    def relay(self, limit: int) -> None:
        """A relay sends the events that are due."""
        self.send(limit)

    def send(self, limit: int = ALL) -> None:
        """Queue the events that are due, and check that the relay respects leases."""
        sent: list[Sent] = []
        relaying.relay(to=sent.extend, limit=limit)
        ids = {event.pk for event in sent}
        assert not ids & self.leased, "an event was sent again before its lease ended"
        self.leased |= ids
        self.queue += sent

    @rule()
    def relay_dies(self) -> None:
        """A relay sends the events that are due, and is killed before it can record that."""
        with suppress(ProcessKilled), transaction.atomic():
            relaying.relay(to=self.queue.extend)
            raise ProcessKilled

    @rule(order=ORDER)
    def run(self, order: list[int]) -> None:
        """Workers run some of the queued tasks, in any order."""
        for event in self.take(order):
            with self.check_added_ids():
                self.run_task(event)

    @rule(order=ORDER)
    def run_during_outage(self, order: list[int]) -> None:
        """Workers run some of the queued tasks while Redis is not available.

        The failure of a task would roll back what an interruption did in the middle of it.
        """
        guarded.open_until = math.inf
        with self.without_interruptions():
            for event in self.take(order):
                self.run_task(event)
        guarded.reset()

    @rule(index=INDEX)
    def run_twice(self, index: int) -> None:
        """A worker is killed after the work, before it can remove the event: the work is redone."""
        for event in self.take([index]):
            with self.check_added_ids():
                self.attempt(event, partial(self.run_without_check, event))
                self.run_task(event)

    @precondition(lambda self: self.recent)
    @rule(index=INDEX)
    def run_late(self, index: int) -> None:
        """A worker that was paused resumes a task whose event is done by now."""
        event = self.recent[-1 - index % len(self.recent)]
        with self.check_added_ids():
            self.attempt(event, partial(self.run_without_check, event))

    @rule(order=ORDER)
    def lose_messages(self, order: list[int]) -> None:
        """The broker loses some of its messages."""
        list(self.take(order))

    @rule()
    def leases_end(self) -> None:
        """The leases of all pending events end, so that they are due again."""
        self.make_due()

    def make_due(self) -> None:
        """End all leases."""
        outbox.retry_now(list(Event.objects.values_list("pk", flat=True)))
        self.leased.clear()

    def deliver(self, *, but: str = "") -> None:
        """Deliver until no events are pending except those of the topic `but`.

        The events that were sent last are run first.
        """
        pending = Event.objects.exclude(topic=but)
        for _ in range(MAX_ROUNDS):
            if not pending.exists():
                return
            self.make_due()
            self.deliver_round(but=but)
        raise AssertionError(f"{pending.count()} events are never done")

    def take(self, order: list[int]) -> Iterator[Sent]:
        """Remove some messages from the queue. If it is empty, first send what is due."""
        if not self.queue:
            self.send()
        for index in order:
            if self.queue:
                yield self.queue.pop(index % len(self.queue))

    def deliver_round(self, *, but: str = "") -> None:
        """Send the events that are due, and run all queued tasks except those of one topic.

        The messages that were sent last are run first.
        """
        self.send()
        waiting = [event for event in self.queue if event.topic == but]
        self.queue = [event for event in self.queue if event.topic != but]
        while self.queue:
            self.run_task(self.queue.pop())
        self.queue = waiting

    def run_task(self, event: Sent) -> None:
        """Run the task of an event, as a worker does."""

        def work() -> None:
            current_app.tasks[event.task](event_ids=[event.pk])

        self.attempt(event, work)
        self.recent = [*self.recent, event][-10:]

    def run_without_check(self, event: Sent) -> None:
        """Run the work of an event without checking whether the event is still pending."""
        current_app.tasks[event.task](**event.payload)

    def attempt(self, event: Sent, work: Run) -> None:
        """Run work that may fail because Redis is not available, or whose process may be killed."""
        try:
            work()
        except ProcessKilled:
            return  # its event is sent again after its lease has ended
        except RedisAway:
            # A failed event is due again after a second or more. Make it due now, so that no step
            # has to wait. Other events can be affected too: a worker takes several of a kind.
            failed = list(Event.objects.exclude(last_error="").values_list("pk", flat=True))
            self.leased -= set(failed)
            outbox.retry_now(failed)

    @contextmanager
    def check_added_ids(self) -> Iterator[None]:
        """Check the ids that a single task adds to timelines, unless an interruption happens."""
        before, count = invariants.home_ids(self.user_ids), self.interruption_count
        yield
        if count == self.interruption_count:
            invariants.check_task(before, invariants.home_ids(self.user_ids))
