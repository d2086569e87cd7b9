"""Middleware: health checks and metrics are answered whatever they call this site.

A load balancer, a kubelet and Prometheus ask a process by its address, which ALLOWED_HOSTS does not
have. The answers have no link, so no host name can do harm.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PATHS = frozenset({"/healthz", "/readyz"})
METRICS = "/metrics"


class HealthChecks:
    """Let Django accept any host name. All else is as for other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if request.path_info in PATHS or _asks_for_metrics_with_a_token(request):
            request.get_host = _any_host  # type: ignore[method-assign]
        return self.get_response(request)


def _asks_for_metrics_with_a_token(request: HttpRequest) -> bool:
    """Without one only this machine may ask, and other names could lead its browsers here."""
    return request.path_info == METRICS and bool(settings.METRICS_TOKEN)


def _any_host() -> str:
    return "localhost"
