"""Receivers of Celery's signals, which put a task's ids on its log lines and measure its time."""

from contextlib import ExitStack
from time import perf_counter
from typing import Any

from celery.signals import (
    after_task_publish,
    task_postrun,
    task_prerun,
    worker_process_shutdown,
)

from chirp.observability import logs, metrics, traces

HEADER = "chirp_request_id"
Running = tuple[ExitStack, float]
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
    blocks = ExitStack()
    blocks.enter_context(logs.fields(**known, task=task.name, **logs.ids_in(kwargs or {})))
    if "event_ids" not in (kwargs or {}):  # the traces of events go on in outbox/traces.py
        blocks.enter_context(traces.root(task.name))
    _running[task_id] = blocks, perf_counter()


@task_postrun.connect
def _on_end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    if task_id not in _running:
        return  # it did not start in this process
    blocks, started = _running.pop(task_id)
    blocks.close()
    seconds = perf_counter() - started
    metrics.task_seconds.labels(task.name, (state or "unknown").lower()).observe(seconds)


@worker_process_shutdown.connect
def _on_shutdown(**_: Any) -> None:
    traces.export_rest()
