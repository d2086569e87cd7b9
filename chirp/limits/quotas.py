"""Rate limits: a number of requests per period from an account, token or address, kept in Redis.

A period begins with its first request. Counting takes one round trip. While Redis is unavailable,
each process counts for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from django.conf import settings

from chirp.errors import ChirpError, Kind
from chirp.limits.addresses import networks
from chirp.limits.advance_counts import AdvanceCounts, Counted
from chirp.limits.local_counts import LocalCounts
from chirp.redis.client import Command, RedisAway, guarded, node_of
from chirp.texts import text as _

# A wide network may belong to one customer or to several.
WIDE_NETWORK_FACTOR = 4
# A program that runs wild leaves the other half to its owner, who can then sign it out.
TOKEN_SHARE = Fraction(1, 2)
# Reads are many, and their limit need not be exact: a hundredth of it is counted at once, so that
# one read in thirty makes the round trip at the default limit, instead of each.
COUNTED_IN_ADVANCE = frozenset({"read", "file"})
ADVANCE_SHARE = 100


class TooManyRequests(ChirpError):
    """The limit is exhausted. `retry_after` is in seconds."""

    kind = Kind.TOO_MANY
    code = "too_many_requests"
    message = _("Too many requests. Please wait a little.")


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

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the IETF draft on rate limit headers."""
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.scope}";r={self.remaining};t={self.reset}',
        }

    @property
    def is_exceeded(self) -> bool:
        """Whether the request that was counted last was one too many."""
        return self.used > self.limit

    def check(self) -> None:
        """Raise TooManyRequests if the limit is exceeded."""
        if self.is_exceeded:
            raise TooManyRequests(retry_after=self.reset)


def spend(scope: str, *, who: str, token: str = "") -> Quota | None:
    """Count one request of an account, `who`, against settings.RATE_LIMITS[scope].

    `token` names the sign-in of a program, which may use TOKEN_SHARE of the account's limit; what
    it sends beyond that does not count for the account. Returns the limit with the fewest requests
    left, or None if the limit is off.
    """
    account = f"rate:{scope}:{who}"
    of_token = _spend(scope, {f"{account}:{token}": TOKEN_SHARE}) if token else None
    if of_token is not None and of_token.is_exceeded:
        return of_token
    of_account = _spend(scope, {account: 1})
    return _closest([quota for quota in (of_token, of_account) if quota is not None])


def is_limited(scope: str) -> bool:
    """Return whether the limit is on."""
    return settings.RATE_LIMITS[scope] is not None


def spend_address(scope: str, *, address: str) -> Quota | None:
    """Count one request of a client's address, by each of its networks.

    An IPv6 /56 may send WIDE_NETWORK_FACTOR times as many requests as a /64. Returns the limit with
    the fewest requests left, or None if nothing is limited.
    """
    narrow, *wide = networks(address)
    if not wide:
        return _spend(scope, {f"rate:{scope}:{narrow}": 1})
    # In braces, so that all keys are in one slot, and one round trip counts them.
    common = f"rate:{scope}:{{{wide[-1]}}}"
    factors = dict.fromkeys(wide, WIDE_NETWORK_FACTOR) | {narrow: 1}
    return _spend(scope, {f"{common}:{network}": factor for network, factor in factors.items()})


def _spend(scope: str, factors: Mapping[str, int | Fraction]) -> Quota | None:
    """Count one request under each key in `factors`, by which its limit is multiplied."""
    rate = settings.RATE_LIMITS[scope]
    if rate is None:
        return None
    limit, window = rate
    counted = _in_advance.take(tuple(factors), window, ahead=_ahead(scope, limit))
    found = [
        Quota(scope, ceil(limit * factor), window, used=used, reset=max(-(-left // 1000), 1))
        for factor, (used, left) in zip(factors.values(), counted, strict=True)
    ]
    return _closest(found)


def _closest(quotas: Sequence[Quota]) -> Quota | None:
    """Return the limit with the fewest requests left, and of those the one that lasts longest."""
    return min(quotas, key=lambda quota: (quota.limit - quota.used, -quota.reset), default=None)


def _ahead(scope: str, limit: int) -> int:
    return max(limit // ADVANCE_SHARE, 1) if scope in COUNTED_IN_ADVANCE else 1


def _count(keys: Sequence[str], window: int, by: int) -> Counted:
    """Count `by` requests under each key, in Redis, or within this process while it is away."""
    try:
        return _count_in_redis(keys, window, by)
    except RedisAway:
        return [_in_this_process.count(key, window, by) for key in keys]


def _count_in_redis(keys: Sequence[str], window: int, by: int) -> Counted:
    commands: list[Command] = [
        command
        for key in keys
        for command in (("INCRBY", key, by), ("EXPIRE", key, window, "NX"), ("PTTL", key))
    ]
    with guarded():
        replies = node_of(keys[0]).run(lambda _: [("MULTI",), *commands, ("EXEC",)])
    found = replies[-1]
    return list(zip(found[::3], found[2::3], strict=True))


_in_this_process = LocalCounts()
_in_advance = AdvanceCounts(_count)
