"""The six races: each sets a scene, says who does what at once, and how to judge it afterwards."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from outbox import services as outbox
from outbox.models import Event
from timelines.models import PulledAuthor
from tools.races.actors import ACTORS, Answer, Side
from tools.races.stage import Stage
from tweets.events import TweetDeleted
from tweets.posting import post_tweet

Judge = Callable[[list[Answer]], list[str]]
WORKER = Side("work", {})
SLOW_WORKER = Side("work", {}, slow=True)
RELAY_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """The sides of a race, and the judge: what is wrong after it, in words."""

    sides: list[Side]
    judge: Judge


Race = Callable[[Stage, random.Random], Scene]


def populate_against_pushes(stage: Stage, dice: random.Random) -> Scene:
    """Two cold timelines are built while their followee posts and workers push."""
    author, other, bob, charlie = stage.people(4)
    stage.follow((bob, author), (bob, other), (charlie, author))
    stage.tweets(author, dice.randint(0, 7))
    stage.tweets(other, dice.randint(0, 2))
    sides = [
        Side("read", {"viewer_id": bob.pk, "times": dice.randint(1, 2)}),
        Side("read", {"viewer_id": charlie.pk}),
        Side("write", {"author_id": author.pk, "count": dice.randint(1, 3)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.judge(bob, charlie))


def unfollow_against_fan_out(stage: Stage, dice: random.Random) -> Scene:
    """Somebody unfollows, and perhaps follows again, while tweets of that author are pushed."""
    author, other, bob, charlie = stage.people(4)
    stage.follow((bob, author), (bob, other), (charlie, author))
    stage.tweets(author, dice.randint(1, 4))
    stage.tweets(other, 1)
    stage.warm_up(bob, charlie)
    changes = {"times": dice.randint(1, 2), "comes_back": dice.random() < 0.8}
    sides = [
        Side("change_mind", {"viewer_id": bob.pk, "author_id": author.pk, **changes}),
        Side("write", {"author_id": author.pk, "count": dice.randint(1, 3)}),
        WORKER,
        SLOW_WORKER,
    ]
    return Scene(sides, lambda _: stage.judge(bob, charlie))


def delete_against_fan_out(stage: Stage, dice: random.Random) -> Scene:
    """Tweets are deleted while they, and others, are on their way into timelines."""
    author, bob, charlie = stage.people(3)
    stage.follow((bob, author), (charlie, author))
    stage.tweets(author, dice.randint(0, 4))
    stage.warm_up(bob, charlie)
    ids = [int(post_tweet(author=author, text="soon gone").pk) for _ in range(dice.randint(1, 3))]
    sides = [
        Side("delete", {"author_id": author.pk, "ids": ids, "viewer_id": bob.pk}),
        Side("write", {"author_id": author.pk, "count": dice.randint(1, 2)}),
        WORKER,
        WORKER,
    ]
    return Scene(sides, lambda _: stage.judge(bob, charlie))


def two_populates(stage: Stage, dice: random.Random) -> Scene:
    """Two readers build one timeline that is evicted again and again, under pushes."""
    author, bob = stage.people(2)
    stage.follow((bob, author))
    stage.tweets(author, dice.randint(0, 3))
    sides = [
        Side("evict_and_read", {"viewer_id": bob.pk, "times": dice.randint(1, 2)}),
        Side("evict_and_read", {"viewer_id": bob.pk, "times": dice.randint(1, 2)}),
        Side("write", {"author_id": author.pk, "count": dice.randint(1, 3)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.judge(bob))


def demotion_against_reads(stage: Stage, dice: random.Random) -> Scene:
    """A celebrity becomes an ordinary author; what they wrote before must be there all the time."""
    author, bob, charlie = stage.people(3)
    stage.follow((bob, author), (charlie, author))
    PulledAuthor.objects.create(author=author)
    must = stage.tweets(author, dice.randint(1, 4))
    stage.warm_up(bob, charlie)
    sides = [
        Side("demote", {"author_id": author.pk, "back": dice.random() < 0.3}),
        Side("read", {"viewer_id": bob.pk, "times": dice.randint(3, 6), "must": must}),
        Side("write", {"author_id": author.pk, "count": dice.randint(0, 2)}),
        WORKER,
    ]
    return Scene(sides, lambda _: stage.judge(bob, charlie))


def sixteen_relays(stage: Stage, dice: random.Random) -> Scene:
    """Sixteen relays empty one outbox; in some rounds some of them die in the middle of a batch."""
    count = ACTORS * RELAY_LIMIT + dice.randint(0, 2 * ACTORS)
    with transaction.atomic():
        for number in range(count):
            outbox.publish(TweetDeleted(tweet_id=-number))
    together = dice.random() < 0.5
    dead = 0 if together else dice.randint(0, 3)
    deaths = [dice.randint(1, RELAY_LIMIT * 2) for _ in range(dead)]
    how = {"limit": RELAY_LIMIT, "together": together}
    sides = [
        Side("relay", {**how, "dies_after": deaths[number] if number < dead else None})
        for number in range(ACTORS)
    ]
    return Scene(sides, lambda answers: _all_handed_over(answers, deaths=dead))


def _all_handed_over(answers: list[Answer], *, deaths: int) -> list[str]:
    """At least once each, none left; and only once, as long as no relay died."""
    handed = Counter(pk for answer in answers for pk in answer.returned or [])
    left: list[int] = []
    while outbox.relay(to=lambda events: left.extend(event.pk for event in events)):
        pass
    wanted = set(Event.objects.values_list("pk", flat=True))
    Event.objects.all().delete()
    wrong = []
    if missing := wanted - handed.keys() - set(left):
        wrong.append(f"{sorted(missing)} were handed over by nobody.")
    if left and not deaths:
        wrong.append(f"{left} were left.")
    if not deaths and (twice := [pk for pk, times in handed.items() if times > 1]):
        wrong.append(f"{twice} were handed over more than once.")
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
