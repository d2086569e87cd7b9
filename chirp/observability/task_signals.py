"""Receivers of Celery's signals, which put a task's ids on its log lines and measure its time."""

from contextvars import Token
from time import perf_counter
from typing import Any

from celery.signals import after_task_publish, task_postrun, task_prerun

from chirp.observability import logs, metrics

HEADER = "chirp_request_id"
Running = tuple[Token[dict[str, Any] | None], float]
_running: dict[str, Running] = {}


def headers(request_id: str) -> dict[str, str]:
    """The headers of a task's message: the id of the request that caused it."""
    return {HEADER: request_id} if request_id else {}


@after_task_publish.connect
def _on_sent(sender: str, **_: Any) -> None:
    metrics.tasks_sent.labels(sender).inc()


@task_prerun.connect
def _on_start(task_id: str, task: Any, kwargs: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = (task.request.headers or {}).get(HEADER)
    known = {"request_id": request_id} if request_id else {}
    token = logs.begin(**known, task=task.name, **logs.ids_in(kwargs or {}))
    _running[task_id] = token, perf_counter()


@task_postrun.connect
def _on_end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    if task_id not in _running:
        return  # it did not start in this process
    token, started = _running.pop(task_id)
    logs.end(token)
    seconds = perf_counter() - started
    metrics.task_seconds.labels(task.name, (state or "unknown").lower()).observe(seconds)
