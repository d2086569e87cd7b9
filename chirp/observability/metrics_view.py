"""`/metrics`: the figures, for Prometheus and for nobody else."""

import hmac
import ipaddress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from chirp.observability import metrics

# What a proxy adds. Behind one, everybody seems to come from this machine.
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
    """All figures of this machine. 401 without the token; without a token set, only from here."""
    if settings.METRICS_TOKEN:
        if not is_token(request.headers.get("Authorization", "")):
            refused = HttpResponse("The token of METRICS_TOKEN, please.\n", status=401)
            refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
            return refused
    elif not _from_here(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE)


def is_token(authorization: str) -> bool:
    """Whether a header holds the token. Takes as long for a wrong one, wherever it differs."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(authorization.encode(), wanted.encode())


def is_loopback(address: str) -> bool:
    """Whether somebody asks from this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _from_here(request: HttpRequest) -> bool:
    """Directly, not through a proxy on this machine, which would let in the whole world."""
    if settings.TRUSTED_PROXIES or settings.HTTPS:
        return False
    direct = not any(name in request.headers for name in FORWARDED)
    return direct and is_loopback(request.META.get("REMOTE_ADDR", ""))
