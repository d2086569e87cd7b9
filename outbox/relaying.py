"""Relay the events of the outbox to Celery, and to the log of what open streams hear of."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from amqp.exceptions import MessageNacked
from django.conf import settings
from django.db import connection, transaction

from chirp.observability import task_signals
from chirp.redis.client import RedisAway
from outbox import sql, traces
from outbox.models import Event
from outbox.services import LIVE, MAX_BATCH, done, log_fields

log = logging.getLogger(__name__)

RELAY_BATCH = 200
CONFIRM_SECONDS = 5.0  # how long the broker may take to confirm a message
MAX_LEASE_DOUBLINGS = 6  # by default from half a minute to half an hour


class Delivery(NamedTuple):
    """An event that is sent to one of its consumers."""

    task: str
    event: Event

    @property
    def pk(self) -> int:
        """The id of the event."""
        return int(self.event.pk)

    @property
    def topic(self) -> str:
        """The topic of the event."""
        return self.event.topic

    @property
    def batch(self) -> tuple[str, str, str | int]:
        """What deliveries have in common that one message may contain."""
        together = self.event.together
        return self.task, self.topic, self.pk if together is None else together

    @property
    def payload(self) -> dict[str, Any]:
        """The keyword arguments of the task."""
        payload: dict[str, Any] = self.event.payload
        return payload


Send = Callable[[list[Delivery]], None]
Tell = Callable[[list[dict[str, Any]]], None]


class Refused(Exception):
    """The broker answers, but does not take a message. Other queues may work."""


def send(deliveries: list[Delivery]) -> None:
    """Send deliveries of one task to the broker in one message.

    Raises Refused if the broker does not take it, and the exceptions of kombu if it is unreachable.
    """
    from celery import current_app

    task = deliveries[0].task
    with (
        traces.sending([delivery.event for delivery in deliveries], task=task) as headers,
        _producer() as producer,
    ):
        current_app.send_task(
            task,
            kwargs={"event_ids": [delivery.pk for delivery in deliveries]},
            headers=headers | task_signals.headers(deliveries[0].event.request_id),
            confirm_timeout=CONFIRM_SECONDS,
            producer=producer,
        )
    for delivery in deliveries:
        log.info("Sent %s.", task, extra={"fields": log_fields(delivery.event)})


@contextmanager
def _producer() -> Iterator[Any]:
    """A producer of Celery's pool, whose connection is given up if sending fails.

    Celery would close its channel later, and wait for an answer for as long as the broker hangs.
    """
    from celery import current_app

    with current_app.producer_or_acquire() as producer:
        try:
            yield producer
        except Exception as error:
            producer.connection.collect()
            if isinstance(error.__cause__, MessageNacked):
                raise Refused from error
            raise


def relay(*, to: Send = send, tell: Tell | None = None, limit: int = RELAY_BATCH) -> int:
    """Send at most `limit` due events with `to`. At-least-once delivery.

    Returns how many were sent, or were refused and are due again a moment later.

    The rows stay locked until all are sent. A relay that dies in between leaves them due, and
    other relays skip them (SKIP LOCKED). If `to` raises Refused, the messages of other tasks are
    sent; if it raises anything else, nothing more is, and the events sent before stay leased.

    Events with the consumer LIVE are told with `tell` first; without it streams hear of none. If
    that raises RedisAway, they are told again when their lease ends.
    """
    with transaction.atomic():
        due = _due(limit)
        told = _tell(due, tell)
        unsent, refused, failure = _send_all(due, to)
        sent = [pk for pk, count in unsent.items() if count == 0]
        _forget_told(due, told, leased=sent)
        if sent:
            _lease(sent, told)
        if refused:
            _postpone(refused)
    if failure is not None:
        raise failure
    return len(sent) + len(refused)


def _send_all(due: list[Event], to: Send) -> tuple[dict[int, int], set[int], Exception | None]:
    """Send events to their tasks.

    Returns how many deliveries of each event were not sent, those of which one was refused, and
    what ended the sending.
    """
    unsent = {event.pk: sum(name != LIVE for name in event.consumers) for event in due}
    refused: set[int] = set()
    refused_tasks: set[str] = set()
    for deliveries in _messages(due):
        task = deliveries[0].task
        try:
            if task not in refused_tasks:
                to(deliveries)
        except Refused:
            log.warning("The broker takes no messages for %s: they wait a moment.", task)
            refused_tasks.add(task)
        except Exception as error:
            return unsent, refused, error
        if task in refused_tasks:
            refused.update(delivery.pk for delivery in deliveries)
            continue
        for delivery in deliveries:
            unsent[delivery.pk] -= 1
    return unsent, refused, None


def _tell(due: list[Event], tell: Tell | None) -> list[int]:
    """Tell of the events that streams have to hear of, and return their ids; none on failure."""
    live = [event for event in due if LIVE in event.consumers]
    try:
        if live and tell is not None:
            tell([_message(event) for event in live])
    except RedisAway as error:
        log.warning("Streams do not hear of %d events yet: %s", len(live), error)
        return []
    return [event.pk for event in live]


def _message(event: Event) -> dict[str, Any]:
    """Return what streams are told of an event."""
    message = {"id": event.pk, "topic": event.topic, "payload": event.payload}
    return message | ({"traceparent": event.traceparent} if event.traceparent else {})


def _forget_told(due: list[Event], told: list[int], *, leased: list[int]) -> None:
    """Delete the events without a task, and take LIVE off those whose lease will not do so."""
    alone = {event.pk for event in due if event.consumers == [LIVE]}
    if left := [pk for pk in told if pk in alone or pk not in leased]:
        done(left, task=LIVE)


def _due(limit: int) -> list[Event]:
    """Lock and return at most `limit` due events."""
    lease, doublings = settings.OUTBOX_LEASE_SECONDS, MAX_LEASE_DOUBLINGS
    parameters = {"limit": limit, "lease": lease, "doublings": doublings}
    return list(Event.objects.raw(sql.DUE, parameters))


def _messages(due: list[Event]) -> Iterator[list[Delivery]]:
    """Group deliveries into messages: one delivery, or several that can be consumed together."""
    waiting: dict[tuple[str, str, str | int], list[Delivery]] = {}
    for event in due:
        for task in event.consumers:
            if task == LIVE:
                continue
            delivery = Delivery(task, event)
            message = waiting.setdefault(delivery.batch, [])
            message.append(delivery)
            if len(message) == MAX_BATCH:
                yield waiting.pop(delivery.batch)
    yield from waiting.values()


def _lease(ids: list[int], told: list[int]) -> None:
    values: list[Any] = [settings.OUTBOX_LEASE_SECONDS, MAX_LEASE_DOUBLINGS, told, LIVE, ids]
    with connection.cursor() as cursor:
        cursor.execute(sql.LEASE, values)


def _postpone(ids: set[int]) -> None:
    """Have events wait that the broker refused, for as long as they are old, at most for a lease.

    So those that came later are not kept from being sent by a queue that stays away.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.POSTPONE, [settings.OUTBOX_LEASE_SECONDS, list(ids)])
