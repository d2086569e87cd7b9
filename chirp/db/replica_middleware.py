"""Middleware that answers requests which only read from replicas of Postgres."""

import random
import zlib
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from chirp.db import routing
from chirp.db.replicas import Replica, replicas
from chirp.observability.metrics import replica_requests

# Monitoring looks at the primary. The admin and sign-ins write in GET requests too.
PRIMARY_ONLY = ("/healthz", "/readyz", "/metrics", "/admin/", "/oauth/", "/login")
# What a replica may say only because it lags: that something is not there, or not allowed.
DOUBTFUL = (401, 403, 404)
View = Callable[[HttpRequest], HttpResponse]


class ReadFromReplicas:
    """Answer reads from a replica, and everything else from the primary."""

    def __init__(self, get_response: View) -> None:
        if not settings.DATABASE_REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on: to a replica, to the primary, or to one after the other."""
        with routing.visiting() as visit:
            is_read = request.method in ("GET", "HEAD")
            if is_read and not request.path.startswith(PRIMARY_ONLY):
                response = self._read(request, visit)
            else:
                response = self.get_response(request)
            if visit.account_id is not None and (visit.wrote or not is_read):
                routing.note_write(visit.account_id)
        return response

    def _read(self, request: HttpRequest, visit: routing.Visit) -> HttpResponse:
        """The response of a replica. If that is doubtful, the one of the primary.

        If neither answers, that of any replica which may.
        """
        among, kept = _in_order_for(request), dict(vars(request))
        first = self._from_replica(request, visit, among)
        if first is not None and visit.has_left:
            second = first
        elif first is not None and first.status_code not in DOUBTFUL:
            return first
        else:
            _restore(request, kept)
            second = self.get_response(request)
        if second.status_code != 503:
            return second
        if first is not None and not visit.has_left:
            return first
        _restore(request, kept)
        return self._from_replica(request, visit, among, lagging=True) or second

    def _from_replica(
        self,
        request: HttpRequest,
        visit: routing.Visit,
        among: Sequence[Replica],
        *,
        lagging: bool = False,
    ) -> HttpResponse | None:
        """The response of a replica; None if none may answer, or the one that did has failed."""
        found = routing.choose(among, lagging=lagging)
        if found is None:
            return None
        with visit.reading(found):
            response = self.get_response(request)
        if visit.has_left:  # the primary answered, in the end
            return response
        if response.status_code >= 500:
            replica_requests.labels("failed").inc()
            found[0].suspect()
            return None
        return response


def _restore(request: HttpRequest, kept: dict[str, object]) -> None:
    """Make a request what it was, without the session and the user that were found for it."""
    vars(request).clear()
    vars(request).update(kept)


def _in_order_for(request: HttpRequest) -> list[Replica]:
    """All replicas, always in the same order for one reader, who must not see an older state."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    reader = request.META.get("HTTP_AUTHORIZATION") or cookie
    found = replicas()
    first = zlib.crc32(reader.encode()) if reader else random.randrange(len(found))  # noqa: S311
    first %= len(found)
    return [*found[first:], *found[:first]]
