"""What every task does beside its work: its ids on the lines of the log, and how long it took."""

from contextvars import Token
from time import perf_counter
from typing import Any

from celery.signals import after_task_publish, task_postrun, task_prerun

from chirp.observability import logs, metrics

HEADER = "chirp_request_id"
Running = tuple[Token[dict[str, Any] | None], float]
_running: dict[str, Running] = {}


def headers(request_id: str) -> dict[str, str]:
    """The headers of a task's message: which request it goes back to."""
    return {HEADER: request_id} if request_id else {}


@after_task_publish.connect
def _sent(sender: str, **_: Any) -> None:
    metrics.tasks_sent.labels(sender).inc()


@task_prerun.connect
def _begins(task_id: str, task: Any, kwargs: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = (task.request.headers or {}).get(HEADER)
    known = {"request_id": request_id} if request_id else {}
    token = logs.begin(**known, task=task.name, **logs.ids_in(kwargs or {}))
    _running[task_id] = token, perf_counter()


@task_postrun.connect
def _ended(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    if task_id not in _running:
        return  # it never began here
    token, started = _running.pop(task_id)
    logs.end(token)
    seconds = perf_counter() - started
    metrics.task_seconds.labels(task.name, (state or "unknown").lower()).observe(seconds)
