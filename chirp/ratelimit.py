"""Rate limits: so many requests in so many seconds of one account or address, counted in Redis.

A window begins with its first request. Counting is one round trip; with Redis away nothing is
limited, because a site without limits is better than no site.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chirp.errors import ChirpError
from chirp.redis import Command, RedisAway, guarded, node_of

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which loads the throttles below

IPV6_NETWORK_BITS = 64  # what one customer has: whoever has one address has all of them


class TooManyRequests(ChirpError):
    """The limit is used up. `retry_after` is in seconds."""

    status = 429
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
    def headers(self) -> dict[str, str]:
        """The header fields of the IETF's draft."""
        remaining = max(self.limit - self.used, 0)
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.scope}";r={remaining};t={self.reset}',
        }

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


def limit_address(request: HttpRequest, scope: str) -> None:
    """For forms of the site: count this request against its address. TooManyRequests."""
    quota = spend(scope, who=address_of(request))
    if quota is not None:
        quota.check()


def limit_account(request: HttpRequest, scope: str = "write") -> None:
    """For forms of the site: count this request against who is signed in. TooManyRequests."""
    quota = spend(scope, who=str(request.user.pk))
    if quota is not None:
        quota.check()


def _count(key: str, window: int) -> tuple[int, int]:
    """Requests in this window, this one included, and the milliseconds until it ends."""
    count: list[Command] = [("INCR", key), ("EXPIRE", key, window, "NX"), ("PTTL", key)]
    with guarded():
        answers = node_of(key).run(lambda _: [("MULTI",), *count, ("EXEC",)])
    used, _, left = answers[-1]
    return used, left


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as trusted proxies tell it; an IPv6 address as its network."""
    direct: str = request.META.get("REMOTE_ADDR", "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    # Each proxy appends whom it heard from. What stands further left anybody can have written.
    told = hops[max(len(hops) - trusted, 0)] if trusted else ""
    return _network(told) or _network(direct) or direct


def _network(address: str) -> str | None:
    try:
        ip = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip.packed, IPV6_NETWORK_BITS), strict=False))
    return str(ip)


class _Throttle(BaseThrottle):
    """Counts a request and puts what is left into the headers of its answer."""

    scope: ClassVar[str]

    def who(self, request: Request) -> str:
        """Against whom a request counts."""
        return address_of(request._request)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or TooManyRequests."""
        quota = spend(self.scope, who=self.who(request))
        if quota is not None:
            view.headers.update(quota.headers)
            quota.check()
        return True


class WriteThrottle(_Throttle):
    """Limits what one account changes. Reading is free."""

    scope = "write"

    def who(self, request: Request) -> str:
        """The account."""
        return str(request.user.pk)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or TooManyRequests."""
        if request.method in SAFE_METHODS or not request.user.is_authenticated:
            return True
        return super().allow_request(request, view)


class RegisterThrottle(_Throttle):
    """Limits new accounts from one address."""

    scope = "register"


class SignInThrottle(_Throttle):
    """Limits tries to sign in from one address."""

    scope = "sign_in"
