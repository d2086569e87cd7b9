"""Health for load balancers: `/healthz` for the process, `/readyz` for the servers it needs."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from chirp.db.replicas import answering
from operations.health import postgres_answers, redis_answers


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 whenever this process can answer at all."""
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The state of each server. 503 only without Postgres: Chirp works without the others.

    With replicas, reads go on without the primary.
    """
    postgres = postgres_answers()
    parts = {"postgres": _word(postgres), "redis": _word(redis_answers())}
    if settings.DATABASE_REPLICAS:
        parts["replicas"] = _word(answering() > 0)
    is_ready = postgres or parts.get("replicas") == "up"
    return JsonResponse(parts, status=200 if is_ready else 503)


def _word(answers: bool) -> str:
    return "up" if answers else "down"
