"""Posting through the services, and waiting until it is delivered."""

import time
from collections.abc import Callable

from bench.context import wait_until
from bench.world import person
from chirp.redis import client
from outbox import services as outbox
from tweets.services import post_tweet


def post(author_id: int, text: str = "For everybody") -> int:
    """Post a tweet by the service, and return its id."""
    return post_tweet(author=person(author_id), text=text).pk


def until_delivered() -> None:
    """Wait until nothing is owed."""
    wait_until(lambda: outbox.owed() == 0, "The outbox does not get empty.", pause=0.002)


def seconds_of(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def counter(key: str) -> int:
    """A counter in Redis; 0 when it is not there."""
    return int(client().get(key) or 0)
