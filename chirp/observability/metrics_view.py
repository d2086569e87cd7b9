"""`/metrics`: the metrics, for Prometheus only."""

import hmac
import ipaddress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from chirp.observability import metrics

# Headers that proxies add. Behind a proxy, every request seems to come from this machine.
FORWARDED = (
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Real-IP",
    "Forwarded",
    "Via",
)


@require_safe
def scrape(request: HttpRequest) -> HttpResponse:
    """All metrics of this machine. 401 without the token; without a token set, 404 for others."""
    if settings.METRICS_TOKEN:
        if not is_token(request.headers.get("Authorization", "")):
            refused = HttpResponse("Send the token of METRICS_TOKEN.\n", status=401)
            refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
            return refused
    elif not _is_local(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE)


def is_token(authorization: str) -> bool:
    """Whether a header holds the token. Compares in constant time."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(authorization.encode(), wanted.encode())


def is_loopback(address: str) -> bool:
    """Whether an IP address is one of this machine's loopback addresses."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_local(request: HttpRequest) -> bool:
    """Whether a request comes directly from this machine.

    One through a proxy on this machine does not count: the proxy may forward anyone's requests.
    """
    if settings.TRUSTED_PROXIES or settings.HTTPS:
        return False
    direct = not any(name in request.headers for name in FORWARDED)
    return direct and is_loopback(request.META.get("REMOTE_ADDR", ""))
