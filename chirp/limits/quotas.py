"""Rate limits: so many requests in so many seconds of one account or address, counted in Redis.

A window begins with its first request. Counting is one round trip; with Redis away nothing is
limited, because a site without limits is better than no site.
"""

from dataclasses import dataclass

from django.conf import settings

from chirp.errors import ChirpError, Kind
from chirp.redis.client import Command, RedisAway, guarded, node_of


class TooManyRequests(ChirpError):
    """The limit is used up. `retry_after` is in seconds."""

    kind = Kind.TOO_MANY
    code = "too_many_requests"
    message = "That was too much at once. Please wait a little."


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit: `remaining` requests within the next `reset` seconds."""

    scope: str
    limit: int
    window: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests that are left."""
        return max(self.limit - self.used, 0)

    def check(self) -> None:
        """Raise TooManyRequests when it was one too many."""
        if self.used > self.limit:
            raise TooManyRequests(retry_after=self.reset)


def spend(scope: str, *, who: str) -> Quota | None:
    """Count one request of `who` against settings.RATE_LIMITS[scope].

    None where nothing is limited: the limit is off, or Redis is away.
    """
    rate = settings.RATE_LIMITS[scope]
    if rate is None:
        return None
    limit, window = rate
    try:
        used, left = _count(f"rate:{scope}:{who}", window)
    except RedisAway:
        return None
    return Quota(scope, limit, window, used=used, reset=max(-(-left // 1000), 1))


def _count(key: str, window: int) -> tuple[int, int]:
    """Requests in this window, this one included, and the milliseconds until it ends."""
    count: list[Command] = [("INCR", key), ("EXPIRE", key, window, "NX"), ("PTTL", key)]
    with guarded():
        answers = node_of(key).run(lambda _: [("MULTI",), *count, ("EXEC",)])
    used, _, left = answers[-1]
    return used, left
