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
    """Wait until every post is in the timelines. Its document for search may come later."""
    _until_none("EXISTS (SELECT FROM unnest(consumers) AS task WHERE task ^@ 'timelines.')")


def until_finished() -> None:
    """Wait until the outbox is empty."""
    _until_none("TRUE")


def _until_none(condition: str) -> None:
    """Wait until no event meets the condition. It polls often, so it uses a cheap query."""
    execute = _connection().execute
    query = f"SELECT FROM outbox_event WHERE {condition} LIMIT 1".encode()
    wait_until(lambda: execute(query).fetchone() is None, "Events are not consumed.", pause=0.003)


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
