"""The connection to Redis or Valkey, made so that nothing ever waits for it long.

Short timeouts, no retries, and a breaker: after a failure the next second of calls in this process
fail at once, so that a Redis that hangs costs one timeout, not one a request.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

BREAK_SECONDS = 1.0


class RedisAway(Exception):
    """Redis did not answer, or was found dead moments ago. Do without it."""


@cache
def client() -> Redis:
    """This process's client: a pool of connections that fail fast. Values are bytes."""
    timeout = settings.REDIS_TIMEOUT_MS / 1000
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


class Breaker:
    """Remembers for a moment that Redis is away."""

    def __init__(self) -> None:
        self.open_until = 0.0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Run Redis commands; any failure of the server or the way to it becomes RedisAway."""
        if time.monotonic() < self.open_until:
            raise RedisAway("Redis failed moments ago.")
        try:
            yield
        except (RedisError, OSError) as error:
            self.open_until = time.monotonic() + BREAK_SECONDS
            raise RedisAway(str(error)) from error

    def reset(self) -> None:
        """Forget the failure."""
        self.open_until = 0.0


guarded = Breaker()
