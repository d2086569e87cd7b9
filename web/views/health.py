"""Health for load balancers: `/healthz` for the process, `/readyz` for the servers it needs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from operations.health import postgres_answers, redis_answers


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 whenever this process can answer at all."""
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The state of each server. 503 only without Postgres: Chirp works without the others."""
    postgres = postgres_answers()
    parts = {"postgres": _word(postgres), "redis": _word(redis_answers())}
    return JsonResponse(parts, status=200 if postgres else 503)


def _word(answers: bool) -> str:
    return "up" if answers else "down"
