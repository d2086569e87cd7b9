"""Middleware: health checks are answered whatever they call this site.

A load balancer and a kubelet ask a process by its address. Neither knows ALLOWED_HOSTS, nor speaks
HTTPS to it. The answers have no link, so no host name can do harm.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PATHS = frozenset({"/healthz", "/readyz"})


class HealthChecks:
    """Answer health checks before other middleware looks at the host, limits or sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass the request on."""
        if request.path_info not in PATHS:
            return self.get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        response: HttpResponse = match.func(request)
        return response
