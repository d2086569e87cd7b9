"""The trace of a request goes on with the work of its events: in the relay, and in workers.

An event keeps the `traceparent` of the span that published it. A task may consume events of many
requests at once, and then has a span in the trace of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_task

from chirp.observability import logs, traces
from outbox.models import Event

HEADER = "chirp_traces"
Payload = Mapping[str, Any]
# The payloads that a batch consumes, with the span of each.
_consumed: ContextVar[Sequence[tuple[Payload, str | None]]] = ContextVar("consumed", default=())


def cause_of(payload: Payload) -> str | None:
    """Return the `traceparent` of an event that is published now; None outside of a trace.

    In a batch it is that of the consumed event which shares the most ids with the new one: a range
    of a fan-out belongs to the trace of its tweet.
    """
    if not traces.are_on():
        return None
    batch = _consumed.get()
    if len(batch) < 2:
        return traces.current()
    ids = logs.ids_in(payload).items()
    return max(batch, key=lambda entry: len(ids & logs.ids_in(entry[0]).items()))[1]


def log_fields(event: Event) -> dict[str, str]:
    """The trace of an event as a field of log lines, if it has one."""
    return {"trace_id": event.traceparent.split("-")[1]} if event.traceparent else {}


@contextmanager
def sending(events: Sequence[Event], *, task: str) -> Iterator[dict[str, Any]]:
    """Measure how events are sent to a task. Gives the headers that their message needs."""
    parents = [event.traceparent for event in events]
    attributes = _attributes("send", task, len(events))
    with traces.continued(f"send {task}", "producer", parents, attributes) as spans:
        sent = zip(events, spans, strict=True)
        found = {str(event.pk): span for event, span in sent if span}
        yield {HEADER: found} if found else {}


@contextmanager
def consuming(events: Sequence[Event], *, task: str) -> Iterator[None]:
    """Measure how a task consumes events, in the trace of each of them."""
    if not traces.are_on():
        yield
        return
    headers = (current_task.request.headers or {}) if current_task else {}
    sent = headers.get(HEADER, {})
    parents = [sent.get(str(event.pk)) or event.traceparent for event in events]
    attributes = _attributes("process", task, len(events))
    with traces.continued(task, "consumer", parents, attributes) as spans:
        batch = zip((event.payload for event in events), spans, strict=True)
        token = _consumed.set(list(batch))
        try:
            yield
        finally:
            _consumed.reset(token)


def _attributes(operation: str, task: str, count: int) -> dict[str, str | int]:
    return {
        "messaging.system": "celery",
        "messaging.operation.name": operation,
        "messaging.destination.name": task,
        "messaging.batch.message_count": count,
    }
