"""The tasks' side of the outbox: decorators for tasks that events start.

A task whose event is gone was done before (delivery is at least once) and does nothing. When the
work succeeds the event is struck out; when it raises, the event stays with the error noted, and
is sent again later. Called with a payload and without `event_ids` (by a person, by a test) a task
just works.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init
from django.db import close_old_connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chirp.observability import logs
from outbox import services
from outbox.events import DomainEvent
from outbox.models import Event

log = logging.getLogger(__name__)
Payload = dict[str, Any]
Work = Callable[..., None]
WorkTogether = Callable[[list[Payload]], None]
_kept: ContextVar[list[Event] | None] = ContextVar("kept", default=None)


def relax(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Let commits of this connection not wait for the disk.

    What a crash of Postgres then takes back is the newest: with what a task wrote goes that its
    event was struck out, so it is done again. It is for workers only, which nobody was told of.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


@worker_process_init.connect
def _relax_all(**_: Any) -> None:
    connection_created.connect(relax)


def outbox_task(name: str) -> Callable[[Work], Any]:
    """Make `work(**payload)` the Celery task `name` of an outbox event."""

    def decorate(work: Work) -> Any:
        def perform(event_ids: list[int]) -> None:
            for event in services.pending(event_ids, task=name):
                _alone(work, event, name)

        return _task(name, work, perform, lambda payload: work(**payload))

    return decorate


def outbox_task_together(name: str) -> Callable[[WorkTogether], Any]:
    """Make `work(payloads)` the Celery task `name` of one or more outbox events.

    Together come events that are equal in the fields that their class names as `together`. They are
    locked while the work lasts, and struck out in its transaction, so a repeat that comes meanwhile
    waits, and then finds them gone. The work must not lock rows of people: it would hold them to
    its end.
    """

    def decorate(work: WorkTogether) -> Any:
        def perform(event_ids: list[int]) -> None:
            _together(work, event_ids, name)

        return _task(name, work, perform, lambda payload: work([payload]))

    return decorate


def keep(event: DomainEvent) -> None:
    """Publish what this worker goes on with as soon as the task that it is at is committed.

    It saves the way through relay and broker. The events are leased to this worker: should it die
    before they are done, others do them when the lease ends. Outside of a worker, and where events
    are tried alone because they failed together, it is the same as to publish.
    """
    kept = _kept.get()
    if kept is None:
        services.publish(event)
    elif (row := services.publish(event, leased=True)) is not None:
        kept.append(row)


@contextmanager
def _keeping(kept: list[Event]) -> Iterator[None]:
    """Put into `kept` what is kept within the block."""
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)


def _task(
    name: str,
    work: Callable[..., None],
    perform: Callable[[list[int]], None],
    just_work: Callable[[Payload], None],
) -> Any:
    @functools.wraps(work)
    def run(*, event_ids: list[int] | None = None, **payload: Any) -> None:
        just_work(payload) if event_ids is None else perform(event_ids)

    # Without functools.wraps' trail Celery would check calls against the payload alone.
    del run.__wrapped__
    return shared_task(name=name)(run)


def _alone(work: Work, event: Event, task: str) -> None:
    logs.note(**services.ids_of(event))
    try:
        work(**event.payload)
    except Exception as error:
        _note(event.pk, error)
        raise
    services.done([event.pk], task=task)


def _together(work: WorkTogether, event_ids: list[int], task: str) -> None:
    events: list[Event] = []
    kept: list[Event] = []
    try:
        with _keeping(kept), transaction.atomic():
            events = services.claim(event_ids, task=task)
            if events:
                _tell(events, task)
                work([event.payload for event in events])
                services.done([event.pk for event in events], task=task)
    except Exception as error:
        if len(events) == 1:
            _note(events[0].pk, error)
        if len(events) <= 1:
            raise
        log.warning("%d events failed together, trying each alone: %s", len(events), error)
        _each(work, events, task)
        return
    for event in kept:
        for consumer in event.consumers:
            current_app.tasks[consumer](event_ids=[event.pk])


def _tell(events: list[Event], task: str) -> None:
    """The lines of this task are those of its event; of several, each gets one of its own."""
    if len(events) == 1:
        logs.note(**services.ids_of(events[0]))
        return
    logs.note(events=len(events))
    for event in events:
        log.info("Working on %s.", task, extra={"fields": services.ids_of(event)})


def _each(work: WorkTogether, events: list[Event], task: str) -> None:
    """One event that cannot be done must not keep the others from it. Raises the first error."""
    failures = []
    for event in events:
        try:
            with transaction.atomic():
                if services.claim_alone(event.pk, task=task):
                    work([event.payload])
                    services.done([event.pk], task=task)
        except Exception as error:
            _note(event.pk, error)
            failures.append(error)
    if failures:
        raise failures[0]


def _note(event_id: int, error: Exception) -> None:
    close_old_connections()
    services.failed(event_id, error=f"{type(error).__name__}: {error}")
