"""Who lives in the house, and whether they read what they should and find what they wrote."""

import random
import time
from collections import Counter

from django.utils import timezone

from accounts import tokens
from accounts.models import User
from chirp.redis.client import client, guarded
from outbox import services as outbox
from people import services as edges
from timelines import oracle
from tools.chaos.load import Written
from tweets.models import Tweet

PEOPLE = 24
FOLLOWED_BY_ALL = 2  # celebrities, by tools.chaos.house.SETTINGS
FOLLOWS_EACH = 6
LIMIT = 100
PAUSE = 0.1


def move_in(seed: int) -> None:
    """Have some tens of people who follow each other, two of them followed by everybody."""
    dice = random.Random(seed)
    rows = [User(handle=f"p{n}", email=f"p{n}@example.org", password="!") for n in range(PEOPLE)]
    people = list(User.objects.bulk_create(rows))
    for person in people:
        others = [other for other in people if other.pk != person.pk]
        stars = [star for star in people[:FOLLOWED_BY_ALL] if star.pk != person.pk]
        for other in {*stars, *dice.sample(others, FOLLOWS_EACH)}:
            edges.follow(follower=person, followee=other)


def access() -> dict[str, str]:
    """A fresh access token for everybody: handle to token."""
    return {
        person.handle: tokens.issue(user=person, now=timezone.now()).access
        for person in User.objects.all()
    }


def wait_delivered(timeout: float) -> bool:
    """Wait until nothing is owed; whether that came to be."""
    deadline = time.monotonic() + timeout
    while outbox.owed():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def differing() -> list[str]:
    """Whose timeline is not what the oracle says, in words. Raises RedisAway without Redis."""
    guarded.reset()
    with guarded():
        client().ping()
    found = (oracle.verify(person, limit=LIMIT) for person in User.objects.order_by("pk"))
    return [_in_words(difference) for difference in found if difference is not None]


def lost(written: Written) -> list[str]:
    """Acknowledged posts that are not there exactly once, or not there although not deleted."""
    rows = Tweet.objects.filter(text__in=written.acknowledged).values_list("text", "deleted_at")
    there = Counter(text for text, _ in rows)
    gone = {text for text, deleted_at in rows if deleted_at is not None}
    gone -= written.deleted | written.unsure
    return [
        f"post {id_} is there {there[text]} times" + (", but deleted" if text in gone else "")
        for text, id_ in written.acknowledged.items()
        if there[text] != 1 or text in gone
    ]


def _in_words(found: oracle.Difference) -> str:
    missing = set(found.expected) - set(found.read)
    extra = set(found.read) - set(found.expected)
    return f"{found.viewer}, page {found.page}: {len(missing)} missing, {len(extra)} too many"
