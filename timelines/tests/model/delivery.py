"""Steps of the relay, the broker and the workers, who may do their work badly."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from celery import current_app
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chirp.redis.client import RedisAway, guarded
from outbox import services as outbox
from outbox.models import Event
from outbox.services import Delivery as Sent
from timelines.tests.model import held
from timelines.tests.model.world import WHICH, Died, World

ROUNDS = 100  # after which everything that was owed has to be done
ALL = 1000
ORDER = st.lists(WHICH, min_size=1, max_size=8)
Run = Callable[[], None]


class Delivery(World):
    """Events are sent, and run, late, twice, in any order, or not at all."""

    @rule(limit=st.sampled_from([1, 3, ALL]))
    def relay(self, limit: int) -> None:
        """A relay sends what is due."""
        self.send(limit)

    def send(self, limit: int = ALL) -> None:
        """Queue what is due, and hold the relay to the leases."""
        sent: list[Sent] = []
        outbox.relay(to=sent.extend, limit=limit)
        ids = {event.pk for event in sent}
        assert not ids & self.leased, "sent again although its lease lasts"
        self.leased |= ids
        self.queue += sent

    @rule()
    def relay_dies(self) -> None:
        """A relay sends what is due, and dies before it could note that."""
        with suppress(Died), transaction.atomic():
            outbox.relay(to=self.queue.extend)
            raise Died

    @rule(order=ORDER)
    def run(self, order: list[int]) -> None:
        """Workers run some of what is queued, in any order."""
        for event in self.taken(order):
            with self.watched():
                self.work_on(event)

    @rule(order=ORDER)
    def run_in_vain(self, order: list[int]) -> None:
        """Workers run some of it while Redis is away."""
        guarded.open_until = math.inf
        for event in self.taken(order):
            self.work_on(event)
        guarded.reset()

    @rule(which=WHICH)
    def run_twice(self, which: int) -> None:
        """A worker does the work, and dies before it could strike the event out."""
        for event in self.taken([which]):
            with self.watched():
                self.attempt(event, partial(self.perform, event))
                self.work_on(event)

    @precondition(lambda self: self.worked_on)
    @rule(which=WHICH)
    def run_late(self, which: int) -> None:
        """A worker that stood still goes on with what others have done long ago."""
        event = self.worked_on[-1 - which % len(self.worked_on)]
        with self.watched():
            self.attempt(event, partial(self.perform, event))

    @rule(order=ORDER)
    def lose(self, order: list[int]) -> None:
        """The broker forgets some of what it holds."""
        list(self.taken(order))

    @rule()
    def leases_end(self) -> None:
        """Everything that is not done is due again."""
        self.make_due()

    def make_due(self) -> None:
        """End all leases."""
        outbox.retry_now(list(Event.objects.values_list("pk", flat=True)))
        self.leased.clear()

    def deliver(self, *, but: str = "") -> None:
        """Go on until nothing is owed but events of one topic; the last sent is the first run."""
        owed = Event.objects.exclude(topic=but)
        for _ in range(ROUNDS):
            if not owed.exists():
                return
            self.make_due()
            self.turn(but=but)
        raise AssertionError(f"{owed.count()} events are never done")

    def taken(self, order: list[int]) -> Iterator[Sent]:
        """Take some of what is queued; when that is nothing, what is due is sent first."""
        if not self.queue:
            self.send()
        for which in order:
            if self.queue:
                yield self.queue.pop(which % len(self.queue))

    def turn(self, *, but: str = "") -> None:
        """Send what is due and run all that is queued but for one topic, the last first."""
        self.send()
        waiting = [event for event in self.queue if event.topic == but]
        self.queue = [event for event in self.queue if event.topic != but]
        while self.queue:
            self.work_on(self.queue.pop())
        self.queue = waiting

    def work_on(self, event: Sent) -> None:
        """Run an event's task, as a worker does."""

        def work() -> None:
            current_app.tasks[event.task](event_ids=[event.pk])

        self.attempt(event, work)
        self.worked_on = [*self.worked_on, event][-10:]

    def perform(self, event: Sent) -> None:
        """Do an event's work without looking whether it is still owed."""
        current_app.tasks[event.task](**event.payload)

    def attempt(self, event: Sent, work: Run) -> None:
        """Work that may fail because Redis is away, or end with its process."""
        try:
            work()
        except Died:
            return  # what it was working on is done when its lease has ended
        except RedisAway:
            # What failed is due again after a second or more: now, so that nothing waits. It
            # may be more than this event: a worker takes others of its kind along.
            failed = list(Event.objects.exclude(last_error="").values_list("pk", flat=True))
            self.leased -= set(failed)
            outbox.retry_now(failed)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at what single tasks bring into timelines, unless something happens meanwhile."""
        before, interrupted = held.homes(self.people), self.interrupted
        yield
        if interrupted == self.interrupted:
            held.check_task(before, held.homes(self.people))
