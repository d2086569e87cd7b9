"""Rate limits of the site: of its forms, and of its pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from chirp.limits.addresses import client_address
from chirp.limits.quotas import Quota, TooManyRequests, is_limited, spend, spend_address
from web.auth import viewer_of
from web.errors import refusal

# Not limited here: views of the API and of media count their own requests, static files and keys
# are the same for everyone, and monitoring must work at any rate and without Redis, Postgres and
# session.
UNLIMITED = (
    *("/api/", "/.well-known/", "/media/", settings.STATIC_URL),
    *("/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/nodeinfo"),
    *("/healthz", "/readyz", "/metrics", "/status"),
)
API_PAGES = ("/api/docs", "/api/schema")
View = Callable[[HttpRequest], HttpResponse]


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


def limit_person(person: User) -> None:
    """Count this request against a person who may be suspended. Raises TooManyRequests."""
    quota = spend("write", who=str(person.pk))
    if quota is not None:
        quota.check()


class ReadLimit:
    """Middleware that limits how many pages an account, or else an address, may read.

    It counts before the view runs, so that a refused request costs little more than the count.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 429. Both have the headers of the limit."""
        quota = _spend_read(request) if _is_limited_page(request) else None
        if quota is None:
            return self.get_response(request)
        response = _refused(request, quota) or self.get_response(request)
        for name, value in quota.headers.items():
            response[name] = value
        return response


def _refused(request: HttpRequest, quota: Quota) -> HttpResponse | None:
    try:
        quota.check()
    except TooManyRequests as error:
        return refusal(request, error)
    return None


def _is_limited_page(request: HttpRequest) -> bool:
    if request.method not in ("GET", "HEAD", "OPTIONS") or not is_limited("read"):
        return False
    return request.path in API_PAGES or not request.path.startswith(UNLIMITED)


def _spend_read(request: HttpRequest) -> Quota | None:
    viewer = viewer_of(request)
    if viewer is not None:
        return spend("read", who=str(viewer.pk))
    return spend_address("read", address=client_address(request.META))
