"""Health for load balancers: `/healthz` says that we live, `/readyz` how the parts are."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from chirp.redis import RedisAway, guarded, nodes


def alive(request: HttpRequest) -> JsonResponse:
    """200 whenever this process can answer at all."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """The state of each part. 503 only without Postgres: Chirp works without the others."""
    parts = {"postgres": _postgres(), "redis": "up" if redis_answers() else "down"}
    return JsonResponse(parts, status=200 if parts["postgres"] == "up" else 503)


def _postgres() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "up"


def redis_answers() -> bool:
    """Whether Redis answers now; all of its nodes, where it is a cluster."""
    try:
        with guarded():
            for node in nodes():
                node.run(lambda _: [("PING",)])
    except RedisAway:
        return False
    return True
