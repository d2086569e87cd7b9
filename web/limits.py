"""Rate limits of the site's forms."""

from django.http import HttpRequest

from chirp.limits.addresses import client_address
from chirp.limits.quotas import spend, spend_address


def limit_address(request: HttpRequest, scope: str) -> None:
    """Count this request against the client's address. Raises TooManyRequests."""
    quota = spend_address(scope, address=client_address(request.META))
    if quota is not None:
        quota.check()


def limit_account(request: HttpRequest, scope: str = "write") -> None:
    """Count this request against the signed-in user. Raises TooManyRequests."""
    quota = spend(scope, who=str(request.user.pk))
    if quota is not None:
        quota.check()
