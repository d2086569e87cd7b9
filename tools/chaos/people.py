"""Creates the accounts of a run, and checks their timelines and posts."""

import random
import time
from collections import Counter
from typing import NamedTuple

from django.utils import timezone

from accounts import tokens
from accounts.models import User
from chirp.redis.client import client, guarded
from outbox import services as outbox
from outbox.models import Event
from people import services as people_services
from timelines import oracle
from tools.chaos.load import Posts
from tweets.models import Tweet

PEOPLE = 24
FOLLOWED_BY_ALL = 2  # celebrities, by CELEBRITY_FOLLOWERS in tools.chaos.deployment
FOLLOWS_EACH = 6
LIMIT = 100
PAUSE = 0.1


def create_accounts(seed: int) -> None:
    """Create accounts that follow each other; all of them follow the first two."""
    rng = random.Random(seed)
    rows = [User(handle=f"p{n}", email=f"p{n}@example.org", password="!") for n in range(PEOPLE)]
    users = list(User.objects.bulk_create(rows))
    for person in users:
        others = [other for other in users if other.pk != person.pk]
        stars = [star for star in users[:FOLLOWED_BY_ALL] if star.pk != person.pk]
        for other in {*stars, *rng.sample(others, FOLLOWS_EACH)}:
            people_services.follow(follower=person, followee=other)


def access_tokens() -> dict[str, str]:
    """A new access token for each account, by handle."""
    return {
        person.handle: tokens.issue(user=person, now=timezone.now()).access
        for person in User.objects.all()
    }


def wait_delivered(timeout: float) -> bool:
    """Wait until all tasks are done. Returns whether they were within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    # Timelines are right before streams have heard of it, for which a lease may have to end.
    while Event.objects.exclude(consumers=[outbox.LIVE]).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def wrong_timelines() -> list[str]:
    """A description of each timeline that differs from the oracle. Raises RedisAway."""
    guarded.reset()
    with guarded():
        client().ping()
    found = (oracle.verify(person, limit=LIMIT) for person in User.objects.order_by("pk"))
    return [_description(difference) for difference in found if difference is not None]


class Lost(NamedTuple):
    """A description of each acknowledged post that is wrong."""

    missing: list[str]
    others: list[str]  # there more than once, or deleted although no client deleted it


def lost_posts(posts: Posts) -> Lost:
    """Return the acknowledged posts that are not in the database exactly once, or were deleted."""
    rows = Tweet.objects.filter(text__in=posts.acknowledged).values_list("text", "deleted_at")
    there = Counter(text for text, _ in rows)
    gone = {text for text, deleted_at in rows if deleted_at is not None}
    gone -= posts.deleted | posts.unsure
    found = Lost([], [])
    for text, id_ in posts.acknowledged.items():
        if not there[text]:
            found.missing.append(f"post {id_} is not there")
        elif there[text] > 1 or text in gone:
            deleted = ", but deleted" if text in gone else ""
            found.others.append(f"post {id_} is there {there[text]} times{deleted}")
    return found


def _description(found: oracle.Difference) -> str:
    missing = set(found.expected) - set(found.read)
    extra = set(found.read) - set(found.expected)
    return f"{found.viewer}, page {found.page}: {len(missing)} missing, {len(extra)} too many"
