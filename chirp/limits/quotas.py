"""Rate limits: a number of requests per period from one account or address, counted in Redis.

A period begins with its first request. Counting takes one round trip. While Redis is unavailable
nothing is limited, because a site without limits is better than no site.
"""

from dataclasses import dataclass

from django.conf import settings

from chirp.errors import ChirpError, Kind
from chirp.limits.addresses import networks
from chirp.limits.local_counts import LocalCounts
from chirp.redis.client import Command, RedisAway, guarded, node_of

# A wide network may belong to one customer or to several.
WIDE_NETWORK_FACTOR = 4
_in_this_process = LocalCounts()


class TooManyRequests(ChirpError):
    """The limit is exhausted. `retry_after` is in seconds."""

    kind = Kind.TOO_MANY
    code = "too_many_requests"
    message = "Too many requests. Please wait a little."


@dataclass(frozen=True, slots=True)
class Quota:
    """The state of a limit: `remaining` requests for the next `reset` seconds."""

    scope: str
    limit: int
    window: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """The number of requests that are left."""
        return max(self.limit - self.used, 0)

    def check(self) -> None:
        """Raise TooManyRequests if the limit is exceeded."""
        if self.used > self.limit:
            raise TooManyRequests(retry_after=self.reset)


def spend(scope: str, *, who: str) -> Quota | None:
    """Count one request of `who`, an account or address, against settings.RATE_LIMITS[scope].

    Returns None if the limit is off. While Redis is unavailable, each process counts for itself.
    """
    return _spend(scope, who, factor=1)


def spend_address(scope: str, *, address: str) -> Quota | None:
    """Count one request of a client's address, by each of its networks.

    An IPv6 /56 may send WIDE_NETWORK_FACTOR times as many requests as a /64. Returns the limit with
    the fewest requests left, or None if nothing is limited.
    """
    narrow, *wide = networks(address)
    found = [_spend(scope, narrow, factor=1)]
    found += [_spend(scope, network, factor=WIDE_NETWORK_FACTOR) for network in wide]
    return min(filter(None, found), key=lambda quota: (quota.remaining, -quota.reset), default=None)


def _spend(scope: str, who: str, *, factor: int) -> Quota | None:
    rate = settings.RATE_LIMITS[scope]
    if rate is None:
        return None
    limit, window = rate[0] * factor, rate[1]
    key = f"rate:{scope}:{who}"
    try:
        used, left = _count(key, window)
    except RedisAway:
        used, left = _in_this_process.count(key, window)
    return Quota(scope, limit, window, used=used, reset=max(-(-left // 1000), 1))


def _count(key: str, window: int) -> tuple[int, int]:
    """The number of requests in this period, including this one, and milliseconds until its end."""
    commands: list[Command] = [("INCR", key), ("EXPIRE", key, window, "NX"), ("PTTL", key)]
    with guarded():
        replies = node_of(key).run(lambda _: [("MULTI",), *commands, ("EXEC",)])
    used, _, left = replies[-1]
    return used, left
