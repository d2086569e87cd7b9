"""Throttle classes for Django REST Framework: the rate limits of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.tokens import family_of
from chirp.limits.addresses import client_address
from chirp.limits.quotas import Quota, spend, spend_address

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time it would load these throttles: a cycle


class _Throttle(BaseThrottle):
    """Count requests, and put the remaining quota into the headers of the response."""

    scope: ClassVar[str]

    def spend(self, request: Request) -> Quota | None:
        """Count the request: of the client's address."""
        return spend_address(self.scope, address=client_address(request.META))

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return True. Raises TooManyRequests if the limit is exceeded."""
        quota = self.spend(request)
        if quota is not None:
            view.headers.update(quota.headers)
            quota.check()
        return True


class WriteThrottle(_Throttle):
    """Limits write requests of an account."""

    scope = "write"

    def spend(self, request: Request) -> Quota | None:
        """Count the request: of the account and the token."""
        return spend_account(self.scope, request)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return True. Raises TooManyRequests if the limit is exceeded."""
        if request.method in SAFE_METHODS or not request.user.is_authenticated:
            return True
        return super().allow_request(request, view)


class ReadThrottle(_Throttle):
    """Limits read requests of an account, and those of anonymous visitors from one address."""

    scope = "read"

    def spend(self, request: Request) -> Quota | None:
        """Count the request: of the account and the token, or else of the client's address."""
        if request.user.is_authenticated:
            return spend_account(self.scope, request)
        return super().spend(request)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return True. Raises TooManyRequests if the limit is exceeded."""
        return request.method not in SAFE_METHODS or super().allow_request(request, view)


def spend_for(request: Request, tweets: Sequence[object]) -> None:
    """Count each tweet after the first, which the request itself is for. Raises TooManyRequests."""
    for _ in tweets[1:]:
        quota = spend_account(WriteThrottle.scope, request)
        if quota is not None:
            quota.check()


def spend_account(scope: str, request: Request) -> Quota | None:
    """Count a request of an account, and of the sign-in that its access token belongs to."""
    access = request.auth
    token = str(family_of(access=access)) if isinstance(access, str) else ""
    return spend(scope, who=str(request.user.pk), token=token)


class ReportThrottle(_Throttle):
    """Limits reports of an account, which people read."""

    scope = "report"

    def spend(self, request: Request) -> Quota | None:
        """Count the request: of the account and the token."""
        return spend_account(self.scope, request)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return True. Raises TooManyRequests if the limit is exceeded."""
        return request.method in SAFE_METHODS or super().allow_request(request, view)


class RegisterThrottle(_Throttle):
    """Limits registrations from one address."""

    scope = "register"


class TokenThrottle(_Throttle):
    """Limits what is done with refresh tokens, from one address."""

    scope = "apps"


class SignInThrottle(_Throttle):
    """Limits attempts to sign in from one address."""

    scope = "sign_in"


class MailThrottle(_Throttle):
    """Limits requests from one address that have an e-mail sent."""

    scope = "mail"
