"""The six races. Each creates a scene: what its sides do concurrently, and how it is checked."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from outbox import relaying
from outbox import services as outbox
from outbox.models import Event
from timelines.events import DemotionContinued
from timelines.models import PulledAuthor
from tools.races.actors import ACTORS, Result, Side
from tools.races.stage import Stage
from tweets.posting import post_tweet

FindErrors = Callable[[list[Result]], list[str]]
WORKER = Side("work", {})
SLOW_WORKER = Side("work", {}, slow=True)
RELAY_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """The sides of a race, and a function that returns descriptions of the errors after it."""

    sides: list[Side]
    find_errors: FindErrors


Race = Callable[[Stage, random.Random], Scene]


def populate_against_pushes(stage: Stage, rng: random.Random) -> Scene:
    """Two cold timelines are built while an author whom both viewers follow posts."""
    author, other, bob, charlie = stage.people(4)
    stage.follow((bob, author), (bob, other), (charlie, author))
    stage.tweets(author, rng.randint(0, 7))
    stage.tweets(other, rng.randint(0, 2))
    sides = [
        Side("read", {"viewer_id": bob.pk, "times": rng.randint(1, 2)}),
        Side("read", {"viewer_id": charlie.pk}),
        Side("write", {"author_id": author.pk, "count": rng.randint(1, 3)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.find_errors(bob, charlie))


def unfollow_against_fan_out(stage: Stage, rng: random.Random) -> Scene:
    """A viewer unfollows an author, and perhaps follows again, during pushes of the author."""
    author, other, bob, charlie = stage.people(4)
    stage.follow((bob, author), (bob, other), (charlie, author))
    stage.tweets(author, rng.randint(1, 4))
    stage.tweets(other, 1)
    stage.warm_up(bob, charlie)
    changes = {"times": rng.randint(1, 2), "follows_again": rng.random() < 0.8}
    sides = [
        Side("unfollow_and_follow", {"viewer_id": bob.pk, "author_id": author.pk, **changes}),
        Side("write", {"author_id": author.pk, "count": rng.randint(1, 3)}),
        WORKER,
        SLOW_WORKER,
    ]
    return Scene(sides, lambda _: stage.find_errors(bob, charlie))


def delete_against_fan_out(stage: Stage, rng: random.Random) -> Scene:
    """Tweets are deleted while they and other tweets are being pushed."""
    author, bob, charlie = stage.people(3)
    stage.follow((bob, author), (charlie, author))
    stage.tweets(author, rng.randint(0, 4))
    stage.warm_up(bob, charlie)
    ids = [int(post_tweet(author=author, text="soon gone").pk) for _ in range(rng.randint(1, 3))]
    sides = [
        Side("delete", {"author_id": author.pk, "ids": ids, "viewer_id": bob.pk}),
        Side("write", {"author_id": author.pk, "count": rng.randint(1, 2)}),
        WORKER,
        WORKER,
    ]
    return Scene(sides, lambda _: stage.find_errors(bob, charlie))


def two_populates(stage: Stage, rng: random.Random) -> Scene:
    """Two reads build one timeline, which is evicted repeatedly, during pushes."""
    author, bob = stage.people(2)
    stage.follow((bob, author))
    stage.tweets(author, rng.randint(0, 3))
    sides = [
        Side("evict_and_read", {"viewer_id": bob.pk, "times": rng.randint(1, 2)}),
        Side("evict_and_read", {"viewer_id": bob.pk, "times": rng.randint(1, 2)}),
        Side("write", {"author_id": author.pk, "count": rng.randint(1, 3)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.find_errors(bob))


def demotion_against_reads(stage: Stage, rng: random.Random) -> Scene:
    """A celebrity is demoted; every read must show the tweets from before."""
    author, bob, charlie = stage.people(3)
    stage.follow((bob, author), (charlie, author))
    PulledAuthor.objects.create(author=author)
    required = stage.tweets(author, rng.randint(1, 4))
    stage.warm_up(bob, charlie)
    sides = [
        Side("demote", {"author_id": author.pk, "repromote": rng.random() < 0.3}),
        Side("read", {"viewer_id": bob.pk, "times": rng.randint(3, 6), "required": required}),
        Side("write", {"author_id": author.pk, "count": rng.randint(0, 2)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.find_errors(bob, charlie))


def sixteen_relays(stage: Stage, rng: random.Random) -> Scene:
    """Sixteen relays empty one outbox; in some rounds some are killed in the middle of a batch."""
    count = ACTORS * RELAY_LIMIT + rng.randint(0, 2 * ACTORS)
    with transaction.atomic():
        for number in range(count):
            # The next step of a task has one consumer, so it is to be sent once.
            outbox.publish(DemotionContinued(author_id=-number, generation=1, after=0))
    together = rng.random() < 0.5
    dead = 0 if together else rng.randint(0, 3)
    deaths = [rng.randint(1, RELAY_LIMIT * 2) for _ in range(dead)]
    how = {"limit": RELAY_LIMIT, "together": together}
    sides = [
        Side("relay", {**how, "killed_after": deaths[number] if number < dead else None})
        for number in range(ACTORS)
    ]
    return Scene(sides, lambda results: _delivery_errors(results, deaths=dead))


def _delivery_errors(results: list[Result], *, deaths: int) -> list[str]:
    """Descriptions of events that were never sent or, if no relay died, left over or sent twice."""
    sent = Counter(pk for result in results for pk in result.value or [])
    left: list[int] = []
    while relaying.relay(to=lambda events: left.extend(event.pk for event in events)):
        pass
    wanted = set(Event.objects.values_list("pk", flat=True))
    Event.objects.all().delete()
    wrong = []
    if missing := wanted - sent.keys() - set(left):
        wrong.append(f"{sorted(missing)} were never sent.")
    if left and not deaths:
        wrong.append(f"{left} were left over.")
    if not deaths and (twice := [pk for pk, times in sent.items() if times > 1]):
        wrong.append(f"{twice} were sent more than once.")
    return wrong


RACES: dict[str, Race] = {
    race.__name__: race
    for race in (
        populate_against_pushes,
        unfollow_against_fan_out,
        delete_against_fan_out,
        two_populates,
        demotion_against_reads,
        sixteen_relays,
    )
}
