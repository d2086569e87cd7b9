"""Random actions of a group of users with unreliable delivery: timelines stay correct."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from chirp.pagination import PageRequest
from chirp.redis.client import client
from outbox import relaying
from outbox import services as outbox
from outbox.relaying import Delivery
from people import services as edges
from people.models import Follow
from tests.helpers.random_use import CHANGING, WRITING, Town
from timelines import candidates, celebrities, fanout, oracle, selectors, store

pytestmark = pytest.mark.django_db
PEOPLE = 12
FOLLOWS_EACH = 4
ROUNDS = 4
PHASES = 5  # between two full verifications
STEPS = 14  # random actions in a phase
LIMITS = (1, 4, 30)
MAX_RECENT = 100
# With the usual weights, so few users would soon have no follows, and post too little to fill a
# timeline.
WEIGHTS = {**CHANGING, **WRITING, "follow": 44, "unfollow": 24, "unmute": 12, "unblock": 8}


class UnreliableBroker:
    """Delivers events shuffled, twice, late and long after, as brokers and workers may do."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.queue: list[Delivery] = []
        self.recent: list[Delivery] = []
        current_app.loader.import_default_modules()

    def deliver_some(self) -> None:
        """Deliver about half of the pending events, in random order."""
        self._collect()
        self.rng.shuffle(self.queue)
        for _ in range((len(self.queue) + 1) // 2):
            if self.queue:  # an interruption may empty the queue
                self._deliver(self.queue.pop())

    def deliver_all(self) -> None:
        """Deliver until no events are pending."""
        while self._collect() or self.queue:
            self.rng.shuffle(self.queue)
            while self.queue:
                self._deliver(self.queue.pop())
        assert outbox.owed() == 0

    def _collect(self) -> int:
        return relaying.relay(to=self.queue.extend, limit=1000)

    def _deliver(self, event: Delivery) -> None:
        if self.rng.random() < 0.2:
            _run(event)  # by a worker that died before it could remove the event
        current_app.tasks[event.task](event_ids=[event.pk])
        self.recent = [*self.recent, event][-MAX_RECENT:]
        if self.rng.random() < 0.1:
            _run(self.rng.choice(self.recent))  # by a worker that was paused for a long time


def _run(event: Delivery) -> None:
    """Run the work of an event without checking whether the event is still pending."""
    current_app.tasks[event.task](**event.payload)


class Interruptions:
    """Run random actions in the middle of builds, merges and reads, after they read Postgres."""

    def __init__(self, rng: random.Random, act: Callable[[], None]) -> None:
        self.rng = rng
        self.act = act
        self.enabled = False

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if self.enabled and self.rng.random() < 0.3:
                self.enabled = False  # an interruption is not interrupted itself
                self.act()
                self.enabled = True
            return function(*args, **kwargs)

        return wrapped


@pytest.fixture
def people(
    settings: Settings,
    person: Callable[[str], User],
    monkeypatch: pytest.MonkeyPatch,
    patient_redis: None,
) -> list[User]:
    settings.HOME_MAX_LENGTH = 5
    settings.CELEBRITY_FOLLOWERS = 3
    monkeypatch.setattr(fanout, "RANGE_SIZE", 2)
    monkeypatch.setattr(celebrities, "STEP", 2)
    return [person(f"person{n}") for n in range(PEOPLE)]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "backfill"), [(1, True), (2, True), (3, False)])
def test_timelines_are_correct_after_random_actions_and_unreliable_delivery(
    seed: int,
    backfill: bool,
    people: list[User],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = backfill
    rng = _seeded(seed)
    town, broker = Town(people, seed=seed), UnreliableBroker(rng)

    def act_and_deliver() -> None:
        town.live(4, WEIGHTS)
        broker.deliver_some()

    interruptions = Interruptions(rng, act_and_deliver)
    for module, name in ((candidates, "below"), (store, "finish"), (store, "add")):
        monkeypatch.setattr(module, name, interruptions.wrap(getattr(module, name)))
    _create_follows(people, rng)
    for _ in range(ROUNDS):
        for _ in range(PHASES):
            _keep_active(town)
            interruptions.enabled = True
            town.live(STEPS, WEIGHTS)
            broker.deliver_some()
            _read_some(people, rng)
            interruptions.enabled = False
            _assert_nothing_forbidden(people, rng)
        broker.deliver_all()
        _assert_correct(people)
    assert town.done["post"] > ROUNDS


def _seeded(seed: int) -> random.Random:
    """Seed the random numbers here and in Postgres, so that every run is the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [1 / (1 + seed)])
    return random.Random(seed)


def _create_follows(people: list[User], rng: random.Random) -> None:
    for user in people:
        for other in rng.sample(people, FOLLOWS_EACH):
            if other != user:
                edges.follow(follower=user, followee=other)


def _keep_active(town: Town) -> None:
    """Keep enough active users and follows: random actions could leave too few of them."""
    while User.objects.active().count() < PEOPLE // 2:
        town.do("reactivate")
        town.do("unsuspend")
    while Follow.objects.count() < PEOPLE * 2:
        town.do("follow")
        town.do("unblock")


def _read_some(people: list[User], rng: random.Random) -> None:
    if rng.random() < 0.05:
        client().flushall()
    for reader in rng.sample(people, PEOPLE // 2):
        selectors.home(viewer=reader, page=PageRequest(limit=rng.randint(1, 12)))


def _assert_nothing_forbidden(people: list[User], rng: random.Random) -> None:
    """Check timelines while events are pending.

    Tweets of others may be missing, but no tweets of the viewer, and there are no extra entries.
    """
    for viewer in rng.sample(people, 4):
        timeline = dict(oracle.entries(viewer))
        read = [id_ for page in oracle.read_to_the_end(viewer, 7) for id_ in page]
        assert read == sorted(set(read), reverse=True)
        assert set(read) <= set(timeline)
        own = viewer.tweets.filter(pk__in=timeline, repost_of=None).values_list("pk", flat=True)
        folded = {original for id_, original in timeline.items() if id_ != original}
        assert set(own) - folded <= set(read)


def _assert_correct(people: list[User]) -> None:
    for viewer in people:
        for limit in LIMITS:
            assert oracle.verify(viewer, limit=limit) is None
