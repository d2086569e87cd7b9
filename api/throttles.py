"""Rate limits of the API, as Django REST Framework asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from chirp.limits.addresses import client_address
from chirp.limits.quotas import Quota, spend

if TYPE_CHECKING:
    from rest_framework.views import APIView  # imported at run time, it loads these throttles


def headers(quota: Quota) -> dict[str, str]:
    """The header fields of the IETF's draft on rate limit headers."""
    return {
        "RateLimit-Policy": f'"{quota.scope}";q={quota.limit};w={quota.window}',
        "RateLimit": f'"{quota.scope}";r={quota.remaining};t={quota.reset}',
    }


class _Throttle(BaseThrottle):
    """Counts a request and puts what is left into the headers of its answer."""

    scope: ClassVar[str]

    def who(self, request: Request) -> str:
        """Against whom a request counts."""
        return client_address(request.META)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or TooManyRequests."""
        quota = spend(self.scope, who=self.who(request))
        if quota is not None:
            view.headers.update(headers(quota))
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
