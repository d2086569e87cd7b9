"""Decorators for Celery tasks that consume outbox events.

Delivery is at least once: a task whose event no longer exists has already run, and does nothing.
If the work succeeds, the event is marked as consumed. If it raises, the event stays with the
error, and is sent again later. A task that is called with a payload and without `event_ids` (by
hand, or by a test) just does the work.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from celery import current_app, shared_task
from celery.signals import worker_process_init
from django.db import close_old_connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chirp.db.backend.base import DatabaseWrapper
from chirp.observability import logs
from outbox import services, traces
from outbox.events import DomainEvent
from outbox.models import Event

log = logging.getLogger(__name__)
Payload = dict[str, Any]
Work = Callable[..., None]
BatchWork = Callable[[list[Payload]], None]
_follow_ups: ContextVar[list[Event] | None] = ContextVar("kept", default=None)


def disable_synchronous_commit(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Let commits on this connection return before they are written to disk.

    A crash of Postgres can then lose the most recent commits. That is safe in workers: the writes
    of a task and the completion of its event are lost together, so the task runs again. It would
    not be safe in web processes, whose clients already have the response.
    """
    cast(DatabaseWrapper, connection).set_for_session("SET synchronous_commit TO off")


@worker_process_init.connect
def _disable_synchronous_commit_everywhere(**_: Any) -> None:
    connection_created.connect(disable_synchronous_commit)


def outbox_task(name: str) -> Callable[[Work], Any]:
    """Make `work(**payload)` a Celery task `name` that consumes one outbox event at a time."""

    def decorate(work: Work) -> Any:
        def perform(event_ids: list[int]) -> None:
            for event in services.pending(event_ids, task=name):
                _alone(work, event, name)

        return _task(name, work, perform, lambda payload: work(**payload))

    return decorate


def outbox_task_together(name: str) -> Callable[[BatchWork], Any]:
    """Make `work(payloads)` a Celery task `name` that consumes outbox events in batches.

    A batch has events of one topic with the same values in the fields that their class names in
    `together`. They are locked during the work and marked as consumed in its transaction, so a
    repeated delivery waits for the first and then finds nothing to do. The work must not lock
    rows of accounts, because it would hold those locks until it ends.
    """

    def decorate(work: BatchWork) -> Any:
        def perform(event_ids: list[int]) -> None:
            _together(work, event_ids, name)

        return _task(name, work, perform, lambda payload: work([payload]))

    return decorate


def outbox_task_unlocked(name: str) -> Callable[[BatchWork], Any]:
    """Make `work(payloads)` a Celery task `name` that consumes all events of a message at once.

    It locks none of them, so other consumers of the same events do not wait for it, and it may lock
    rows of accounts. Two workers that get the same message do the work at the same time.
    """

    def decorate(work: BatchWork) -> Any:
        def perform(event_ids: list[int]) -> None:
            _unlocked(work, services.pending(event_ids, task=name), name)

        return _task(name, work, perform, lambda payload: work([payload]))

    return decorate


def keep(event: DomainEvent) -> None:
    """Publish follow-up work that this worker runs itself, right after its current batch commits.

    This saves the way through relay and broker. The event is leased to this worker: if it dies
    before the work is done, the relay sends the event when the lease expires. Outside of a batch
    task, and when events are retried one by one because their batch failed, this is the same as
    `publish`.
    """
    follow_ups = _follow_ups.get()
    if follow_ups is None:
        services.publish(event)
    elif (row := services.publish(event, leased=True)) is not None:
        follow_ups.append(row)


@contextmanager
def _collect_follow_ups(follow_ups: list[Event]) -> Iterator[None]:
    """Append the events that `keep` publishes within the block to `follow_ups`."""
    token = _follow_ups.set(follow_ups)
    try:
        yield
    finally:
        _follow_ups.reset(token)


def _task(
    name: str,
    work: Callable[..., None],
    perform: Callable[[list[int]], None],
    call_directly: Callable[[Payload], None],
) -> Any:
    @functools.wraps(work)
    def run(*, event_ids: list[int] | None = None, **payload: Any) -> None:
        call_directly(payload) if event_ids is None else perform(event_ids)

    # Celery follows `__wrapped__` to check arguments, and would not accept `event_ids`.
    del run.__wrapped__
    return shared_task(name=name)(run)


def _alone(work: Work, event: Event, task: str) -> None:
    logs.note(**services.log_fields(event))
    try:
        with traces.consuming([event], task=task):
            work(**event.payload)
    except Exception as error:
        _record_failure(event.pk, error)
        raise
    services.done([event.pk], task=task)


def _unlocked(work: BatchWork, events: list[Event], task: str) -> None:
    if len(events) > 1:
        _log_events(events, task)
        try:
            with traces.consuming(events, task=task):
                work([event.payload for event in events])
        except Exception as error:
            _warn_of_failed_batch(events, error)
        else:
            services.done([event.pk for event in events], task=task)
            return
    failures = []
    for event in events:
        try:
            _alone(lambda **payload: work([payload]), event, task)
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _warn_of_failed_batch(events: list[Event], error: Exception) -> None:
    log.warning("A batch of %d events failed, retrying one by one: %s", len(events), error)


def _together(work: BatchWork, event_ids: list[int], task: str) -> None:
    events: list[Event] = []
    follow_ups: list[Event] = []
    try:
        with _collect_follow_ups(follow_ups), transaction.atomic():
            events = services.claim(event_ids, task=task)
            if events:
                _log_events(events, task)
                with traces.consuming(events, task=task):
                    work([event.payload for event in events])
                    services.done_claimed(events, task=task)
    except Exception as error:
        if len(events) == 1:
            _record_failure(events[0].pk, error)
        if len(events) <= 1:
            raise
        _warn_of_failed_batch(events, error)
        _retry_one_by_one(work, events, task)
        return
    for event in follow_ups:
        for consumer in event.consumers:
            current_app.tasks[consumer](event_ids=[event.pk])


def _log_events(events: list[Event], task: str) -> None:
    """Add the fields of a single event to all log lines, or write one line for each of several."""
    if len(events) == 1:
        logs.note(**services.log_fields(events[0]))
        return
    logs.note(events=len(events))
    for event in events:
        log.info("Working on %s.", task, extra={"fields": services.log_fields(event)})


def _retry_one_by_one(work: BatchWork, events: list[Event], task: str) -> None:
    """Run each event in its own transaction, so that a bad one does not block the others.

    Raises the first error, after all events were tried.
    """
    failures = []
    for event in events:
        try:
            with transaction.atomic():
                if services.claim_one(event.pk, task=task):
                    with traces.consuming([event], task=task):
                        work([event.payload])
                    services.done([event.pk], task=task)
        except Exception as error:
            _record_failure(event.pk, error)
            failures.append(error)
    if failures:
        raise failures[0]


def _record_failure(event_id: int, error: Exception) -> None:
    # The error may have broken the connection.
    close_old_connections()
    services.record_failure(event_id, error=f"{type(error).__name__}: {error}")
