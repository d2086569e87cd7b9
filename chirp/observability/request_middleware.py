"""The outermost middleware: gives every request an id, a log line and metrics."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from chirp.client import address_is
from chirp.limits.addresses import client_address
from chirp.observability import logs, metrics, traces
from chirp.observability.discretion import NO_PATH, path_of

log = logging.getLogger("chirp.web")
HEADER = "X-Request-ID"
NO_ROUTE = "none"  # the route of requests that match no URL pattern
GetResponse = Callable[[HttpRequest], HttpResponse]


class _QueryCounter:
    """Counts the database queries of one request."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


class RequestMiddleware:
    """Middleware around all others, so that responses which these return early count too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = traces.around_requests(get_response, _route)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, and log and count the request."""
        started, counter = perf_counter(), _QueryCounter()
        request_id = logs.request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        with logs.fields(request_id=request_id), address_is(client_address(request.META)):
            with connection.execute_wrapper(counter):
                response = self.get_response(request)
            response[HEADER] = request_id
            seconds = perf_counter() - started
            _count_request(request, response, seconds, counter.queries)
            _log_request(request, response, seconds)
        return response


def _count_request(
    request: HttpRequest, response: HttpResponse, seconds: float, queries: int
) -> None:
    metrics.saw_request(
        method=request.method or "",
        route=_route(request),
        status=response.status_code,
        seconds=seconds,
        queries=queries,
    )


def _route(request: HttpRequest) -> str:
    """The pattern of the URL, not the URL: patterns are few and contain no handles."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else NO_ROUTE


def _log_request(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Log the pattern of the URL with the ids in it: paths name people, and queries hold words."""
    path = path_of(request)
    if path == NO_PATH and request.path.startswith(settings.STATIC_URL):
        path = settings.STATIC_URL
    fields = {"ms": f"{seconds * 1000:.1f}", "address": client_address(request.META)}
    extra = {"fields": fields}
    log.info("%s %s %d", request.method, path, response.status_code, extra=extra)
