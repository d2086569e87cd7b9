"""Posts through the services, and waits for the delivery."""

import time
from collections.abc import Callable
from functools import cache

import psycopg
from django.conf import settings

from bench.context import wait_until
from bench.world import account
from chirp.redis.client import client
from tweets.posting import post_tweet


def post(author_id: int, text: str = "Hello") -> int:
    """Post a tweet with the service, and return its id."""
    return post_tweet(author=account(author_id), text=text).pk


def until_delivered() -> None:
    """Wait until the outbox is empty. It polls often, so it uses the cheapest query."""
    execute = _connection().execute
    wait_until(
        lambda: execute("SELECT FROM outbox_event LIMIT 1").fetchone() is None,
        "The outbox does not get empty.",
        pause=0.003,
    )


@cache
def _connection() -> psycopg.Connection:
    return psycopg.connect(settings.DATABASE_URL, autocommit=True)


def seconds_of(work: Callable[[], object]) -> float:
    """The seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def counter(key: str) -> int:
    """The value of a counter in Redis; 0 if it does not exist."""
    return int(client().get(key) or 0)
