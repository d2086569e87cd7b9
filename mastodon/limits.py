"""Rate limits of the API, with the headers that clients of Mastodon read."""

from datetime import UTC, datetime, timedelta

from chirp.limits import quotas
from chirp.limits.addresses import client_address
from chirp.limits.quotas import Quota
from mastodon.calls import Call

READS = ("GET", "HEAD")


def spend(call: Call, scope: str | None) -> None:
    """Count the request, of its account or else of its address. Raises TooManyRequests.

    `scope` is a limit for addresses, for requests that anybody may send.
    """
    quota = _spend(call, scope)
    if quota is not None:
        call.headers |= _headers(quota)
        quota.check()


def spend_own(call: Call, scope: str) -> None:
    """Count the request against a further limit of its account. Raises TooManyRequests."""
    quota = quotas.spend(scope, who=str(call.user.pk))
    if quota is not None:
        quota.check()


def _spend(call: Call, scope: str | None) -> Quota | None:
    address = client_address(call.request.META)
    if scope is not None:
        return quotas.spend_address(scope, address=address)
    kind = "read" if call.request.method in READS else "write"
    if call.token is not None and call.token.user is not None:
        return quotas.spend(kind, who=str(call.token.user.pk), token=f"app-{call.token.pk}")
    return quotas.spend_address(kind, address=address)


def _headers(quota: Quota) -> dict[str, str]:
    reset = datetime.now(UTC) + timedelta(seconds=quota.reset)
    return {
        "X-RateLimit-Limit": str(quota.limit),
        "X-RateLimit-Remaining": str(quota.remaining),
        "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
