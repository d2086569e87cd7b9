"""A town where all happens at random and is delivered badly: still, timelines are right."""

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
from outbox import services as outbox
from outbox.services import Delivery
from people import services as edges
from people.models import Follow
from tests.helpers.random_use import CHANGING, WRITING, Town
from timelines import candidates, celebrities, fanout, oracle, selectors, store

pytestmark = pytest.mark.django_db
PEOPLE = 12
FOLLOWS_EACH = 4
ROUNDS = 4
STRETCHES = 5  # between two full verifications
STEPS = 14  # of the town, in a stretch
LIMITS = (1, 4, 30)
REMEMBERED = 100
# So few people would soon know nobody, and write too little to fill a timeline.
HABITS = {**CHANGING, **WRITING, "follow": 44, "unfollow": 24, "unmute": 12, "unblock": 8}


class Post:
    """Delivers events as badly as brokers and workers may: shuffled, twice, late, long after."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.held: list[Delivery] = []
        self.worked_on: list[Delivery] = []
        current_app.loader.import_default_modules()

    def deliver_some(self) -> None:
        """Hand over about half of what is owed, in any order."""
        self._collect()
        self.chance.shuffle(self.held)
        for _ in range((len(self.held) + 1) // 2):
            if self.held:  # what happens meanwhile may deliver too
                self._hand_over(self.held.pop())

    def deliver_all(self) -> None:
        """Hand over until nothing is owed."""
        while self._collect() or self.held:
            self.chance.shuffle(self.held)
            while self.held:
                self._hand_over(self.held.pop())
        assert outbox.owed() == 0

    def _collect(self) -> int:
        return outbox.relay(to=self.held.extend, limit=1000)

    def _hand_over(self, event: Delivery) -> None:
        if self.chance.random() < 0.2:
            _work(event)  # a worker that died before it could strike the event out
        current_app.tasks[event.task](event_ids=[event.pk])
        self.worked_on = [*self.worked_on, event][-REMEMBERED:]
        if self.chance.random() < 0.1:
            _work(self.chance.choice(self.worked_on))  # one that stood still for long


def _work(event: Delivery) -> None:
    current_app.tasks[event.task](**event.payload)


class Meanwhile:
    """Lets the town go on in the middle of builds, merges and reads: after they asked Postgres."""

    def __init__(self, chance: random.Random, act: Callable[[], None]) -> None:
        self.chance = chance
        self.act = act
        self.open = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def later(*args: Any, **kwargs: Any) -> Any:
            if self.open and self.chance.random() < 0.3:
                self.open = False  # one thing in the middle of another is enough
                self.act()
                self.open = True
            return function(*args, **kwargs)

        return later


@pytest.fixture
def people(
    settings: Settings, person: Callable[[str], User], monkeypatch: pytest.MonkeyPatch
) -> list[User]:
    settings.HOME_MAX_LENGTH = 5
    settings.CELEBRITY_FOLLOWERS = 3
    monkeypatch.setattr(fanout, "RANGE_SIZE", 2)
    monkeypatch.setattr(celebrities, "STEP", 2)
    return [person(f"person{n}") for n in range(PEOPLE)]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "backfill"), [(1, True), (2, True), (3, False)])
def test_whatever_happens_and_however_it_is_delivered_timelines_are_right(
    seed: int,
    backfill: bool,
    people: list[User],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = backfill
    chance = _seeded(seed)
    town, post = Town(people, seed=seed), Post(chance)

    def live_a_little() -> None:
        town.live(4, HABITS)
        post.deliver_some()

    meanwhile = Meanwhile(chance, live_a_little)
    for module, name in ((candidates, "below"), (store, "finish"), (store, "add")):
        monkeypatch.setattr(module, name, meanwhile.around(getattr(module, name)))
    _acquaint(people, chance)
    for _ in range(ROUNDS):
        for _ in range(STRETCHES):
            _keep_alive(town)
            meanwhile.open = True
            town.live(STEPS, HABITS)
            post.deliver_some()
            _read_some(people, chance)
            meanwhile.open = False
            _nothing_is_shown_that_may_not_be(people, chance)
        post.deliver_all()
        _everything_is_shown(people)
    assert town.done["post"] > ROUNDS


def _seeded(seed: int) -> random.Random:
    """Chance here and in Postgres, the same in every run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [1 / (1 + seed)])
    return random.Random(seed)


def _acquaint(people: list[User], chance: random.Random) -> None:
    for one in people:
        for other in chance.sample(people, FOLLOWS_EACH):
            if other != one:
                edges.follow(follower=one, followee=other)


def _keep_alive(town: Town) -> None:
    """Chance could empty so small a town, and then nothing would happen any more."""
    while User.objects.active().count() < PEOPLE // 2:
        town.do("reactivate")
        town.do("unsuspend")
    while Follow.objects.count() < PEOPLE * 2:
        town.do("follow")
        town.do("unblock")


def _read_some(people: list[User], chance: random.Random) -> None:
    if chance.random() < 0.05:
        client().flushall()
    for reader in chance.sample(people, PEOPLE // 2):
        selectors.home(viewer=reader, page=PageRequest(limit=chance.randint(1, 12)))


def _nothing_is_shown_that_may_not_be(people: list[User], chance: random.Random) -> None:
    """Before all is delivered something may be missing, but nobody's own, and nothing is extra."""
    for viewer in chance.sample(people, 4):
        timeline = dict(oracle.entries(viewer))
        shown = [id_ for page in oracle.read_to_the_end(viewer, 7) for id_ in page]
        assert shown == sorted(set(shown), reverse=True)
        assert set(shown) <= set(timeline)
        own = viewer.tweets.filter(pk__in=timeline, repost_of=None).values_list("pk", flat=True)
        folded = {original for id_, original in timeline.items() if id_ != original}
        assert set(own) - folded <= set(shown)


def _everything_is_shown(people: list[User]) -> None:
    for viewer in people:
        for limit in LIMITS:
            assert oracle.verify(viewer, limit=limit) is None
