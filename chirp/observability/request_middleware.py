"""The outermost middleware: an id for every request, a line in the log, and figures."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from chirp.observability import logs, metrics

log = logging.getLogger("chirp.web")
HEADER = "X-Request-ID"
PATH_SHOWN = 300
NOWHERE = "none"  # the route of what no URL pattern knows
Answer = Callable[[HttpRequest], HttpResponse]


class _Tally:
    """Counts the database queries of one request."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


class RequestMiddleware:
    """Middleware, around all the others: what they answer by themselves counts too."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and take note."""
        started, tally = perf_counter(), _Tally()
        request_id = logs.request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        with logs.fields(request_id=request_id):
            with connection.execute_wrapper(tally):
                response = self.get_response(request)
            response[HEADER] = request_id
            seconds = perf_counter() - started
            _count(request, response, seconds, tally.queries)
            _say(request, response, seconds)
        return response


def _count(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    metrics.saw_request(
        method=request.method or "",
        route=_route(request),
        status=response.status_code,
        seconds=seconds,
        queries=queries,
    )


def _route(request: HttpRequest) -> str:
    """The pattern of the URL, not the URL: there are few of them, and no handles in them."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else NOWHERE


def _say(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """The path without its query, which may hold what people searched for."""
    path = quote(request.path[:PATH_SHOWN])  # no line break in it can begin a line of its own
    said = {"ms": f"{seconds * 1000:.1f}", "address": request.META.get("REMOTE_ADDR", "")}
    extra = {"fields": said}
    log.info("%s %s %d", request.method, path, response.status_code, extra=extra)
