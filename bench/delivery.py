"""Posting through the services, and waiting until it is delivered."""

import time
from collections.abc import Callable
from functools import cache

import psycopg
from django.conf import settings

from bench.context import wait_until
from bench.world import person
from chirp.redis.client import client
from tweets.posting import post_tweet


def post(author_id: int, text: str = "For everybody") -> int:
    """Post a tweet by the service, and return its id."""
    return post_tweet(author=person(author_id), text=text).pk


def until_delivered() -> None:
    """Wait until nothing is owed. It asks often, so it asks as cheaply as it can."""
    ask = _connection().execute
    wait_until(
        lambda: ask("SELECT FROM outbox_event LIMIT 1").fetchone() is None,
        "The outbox does not get empty.",
        pause=0.003,
    )


@cache
def _connection() -> psycopg.Connection:
    return psycopg.connect(settings.DATABASE_URL, autocommit=True)


def seconds_of(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def counter(key: str) -> int:
    """A counter in Redis; 0 when it is not there."""
    return int(client().get(key) or 0)
