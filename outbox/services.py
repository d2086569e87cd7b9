"""Publish events in the transaction of a change, relay them to Celery, remove consumed events."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chirp.db.routing import conceal_after_commit
from chirp.observability import logs, task_signals
from chirp.redis.client import RedisAway
from outbox import sql, traces
from outbox.events import DomainEvent
from outbox.models import Event

log = logging.getLogger(__name__)

CHANNEL = "chirp_outbox"
RELAY_BATCH = 200
MAX_BATCH = 50  # events that one task consumes together: about half a second of work
CONFIRM_SECONDS = 5.0  # how long the broker may take to confirm a message
MAX_LEASE_DOUBLINGS = 6  # by default from half a minute to half an hour
MAX_BACKOFF_DOUBLINGS = 6  # from 1 second to 64 seconds
ERROR_LENGTH = 2000  # characters of an error that are stored
# The consumer of OUTBOX_ROUTES that is no task: the relay itself tells open streams.
LIVE = "live"


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


class UnknownTopic(Exception):
    """settings.OUTBOX_ROUTES does not have the topic, which is a programming error."""


def publish(event: DomainEvent, *, leased: bool = False, after: int = 0) -> Event | None:
    """Store an event in the transaction of the change that it describes.

    Call it inside `transaction.atomic()`. Returns the row, or None if the topic has no consumers.
    With `leased` the event counts as sent, so the relay sends it only after the lease expires; with
    `after`, only after so many seconds, of which a lease has the most.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() must be called in the transaction of the change."
        )
    if event.conceals:
        conceal_after_commit()
    consumers = settings.OUTBOX_ROUTES.get(event.topic)
    if consumers is None:
        raise UnknownTopic(event.topic)
    payload = event.payload()
    logs.note(**logs.ids_in(payload))
    if not consumers:
        return None
    row = Event(
        topic=event.topic,
        consumers=list(consumers),
        together=event.group(),
        payload=payload,
        request_id=logs.current("request_id") or "",
        traceparent=traces.cause_of(payload),
    )
    _nudge_after_commit()
    _insert(row, after=after or (settings.OUTBOX_LEASE_SECONDS if leased else 0))
    return row


def _insert(row: Event, *, after: int) -> None:
    """Store a new event. If it is `after` some seconds, it counts as sent once, and is leased."""
    # What is leased for longer seems to be of a clock that was wrong, and is sent at once.
    ((row.pk,),) = sql.PUBLISH.rows(
        topic=row.topic,
        consumers=row.consumers,
        together=row.together,
        payload=json.dumps(row.payload),
        request_id=row.request_id,
        traceparent=row.traceparent,
        attempts=1 if after else 0,
        after=min(after, settings.OUTBOX_LEASE_SECONDS),
    )


def log_fields(event: Event) -> dict[str, Any]:
    """Return the fields of log lines about an event."""
    return {
        "request_id": event.request_id,
        "event_id": event.pk,
        **logs.ids_in(event.payload),
    }


def _nudge_after_commit() -> None:
    """Wake the relay when the transaction commits, once per transaction.

    This is best effort; the periodic sweep of the relay is the guarantee. NOTIFY runs after the
    commit, because inside the transaction it would serialize commits: Postgres orders those that
    notify.
    """
    pending = getattr(connection, "run_on_commit", [])
    if not any(callback is _nudge for _, callback, _ in pending):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    sql.NUDGE.rows(channel=CHANNEL)


def send(deliveries: list[Delivery]) -> None:
    """Send deliveries of one task to the broker in one message.

    Raises the exceptions of kombu if the broker is unreachable.
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
        except Exception:
            producer.connection.collect()
            raise


def relay(*, to: Send = send, tell: Tell | None = None, limit: int = RELAY_BATCH) -> int:
    """Send at most `limit` due events with `to`, and return their number. At-least-once delivery.

    The rows stay locked until all are sent. A relay that dies in between leaves them due, and
    other relays skip them (SKIP LOCKED). If `to` raises, the events sent before stay leased.

    Events with the consumer LIVE are told with `tell` first, and without it to nobody. If that
    raises RedisAway, they are told again when their lease ends.
    """
    failure: Exception | None = None
    with transaction.atomic():
        due = _due(limit)
        told = _tell(due, tell)
        unsent = {event.pk: sum(name != LIVE for name in event.consumers) for event in due}
        for deliveries in _messages(due):
            try:
                to(deliveries)
            except Exception as error:
                failure = error
                break
            for delivery in deliveries:
                unsent[delivery.pk] -= 1
        sent = [pk for pk, count in unsent.items() if count == 0]
        _forget_told(due, told, leased=sent)
        if sent:
            _lease(sent, told)
    if failure is not None:
        raise failure
    return len(sent)


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


def pending(event_ids: list[int], *, task: str) -> list[Event]:
    """Return those of these events that `task` still has to consume."""
    return _events(sql.PENDING.rows(ids=event_ids, task=task))


def claim_one(event_id: int, *, task: str) -> bool:
    """Lock one event, and return whether `task` still has to consume it. Needs a transaction."""
    return bool(sql.CLAIM.rows(ids=[event_id], task=task))


def claim(event_ids: list[int], *, task: str) -> list[Event]:
    """Lock and return those of these events that `task` still has to consume.

    Needs a transaction. The events must be of one batch. If there are any, more events with the
    same topic and batch key are claimed, up to MAX_BATCH in total: so a worker that finds a
    backlog works on part of it.
    """
    claimed = _events(sql.CLAIM.rows(ids=event_ids, task=task))
    room = MAX_BATCH - len(claimed)
    if not claimed or room <= 0:
        return claimed
    first = claimed[0]
    more = sql.CLAIM_MORE.rows(
        topic=first.topic, together=first.together, task=task, ids=event_ids, limit=room
    )
    return claimed + _events(more)


def _events(rows: list[tuple[Any, ...]]) -> list[Event]:
    """Build events with the columns that workers need."""
    names = ("id", "topic", "consumers", "together", "payload", "request_id", "traceparent")
    return [Event(**dict(zip(names, row, strict=True))) for row in rows]


def done(event_ids: list[int], *, task: str) -> None:
    """Mark events as consumed by `task`; delete those without other consumers. Idempotent."""
    deleted = sql.DELETE_CONSUMED.rows(ids=event_ids, task=task)
    if len(deleted) < len(event_ids):
        sql.REMOVE_CONSUMER.rows(ids=event_ids, task=task)
        # The other consumers may have been removed while this one waited for the row.
        sql.DELETE_CONSUMED.rows(ids=event_ids, task=task)


def done_claimed(events: list[Event], *, task: str) -> None:
    """Mark events as consumed that this transaction has claimed: no other consumer changes them."""
    last = [event.pk for event in events if event.consumers == [task]]
    others = [event.pk for event in events if event.consumers != [task]]
    if last:
        sql.DELETE_CONSUMED.rows(ids=last, task=task)
    if others:
        sql.REMOVE_CONSUMER.rows(ids=others, task=task)


def record_failure(event_id: int, *, error: str) -> None:
    """Store the error of a failed task. The event is sent again after 1, 2, 4 ... 64 seconds."""
    # Errors quote input, and Postgres cannot store NUL or an unpaired surrogate.
    storable = error.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
    with connection.cursor() as cursor:
        cursor.execute(
            sql.RECORD_FAILURE, [storable[-ERROR_LENGTH:], MAX_BACKOFF_DOUBLINGS, event_id]
        )


def retry_now(event_ids: list[int]) -> int:
    """Make these events due immediately, and return their number."""
    with transaction.atomic():
        _nudge_after_commit()
        return Event.objects.filter(pk__in=event_ids).update(due_at=Now(), attempts=0)


def owed_about(event: DomainEvent, *, unsent: bool = False) -> bool:
    """Return whether the same event is unfinished, or even waits to be sent for the first time."""
    same = Event.objects.filter(topic=event.topic, payload=event.payload())
    return (same.filter(attempts=0) if unsent else same).exists()


def relay_lag_seconds() -> float:
    """Return how long the oldest due event has not been sent, in seconds; 0 if nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(sql.RELAY_LAG)
        return max(float(cursor.fetchone()[0] or 0), 0.0)


def unfinished_seconds(tasks: Sequence[str]) -> float:
    """Return the age of the oldest event that these tasks have not consumed, in seconds, or 0."""
    with connection.cursor() as cursor:
        cursor.execute(sql.OLDEST_UNFINISHED, [list(tasks)])
        row = cursor.fetchone()
    return max(float(row[0]), 0.0) if row else 0.0


def lag_seconds() -> float:
    """Return the age of the oldest unfinished event, in seconds; 0 if there is none."""
    oldest = Event.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return 0.0 if oldest is None else max((timezone.now() - oldest).total_seconds(), 0.0)


def owed() -> int:
    """Return the number of unfinished events."""
    return Event.objects.count()


def stuck() -> int:
    """Return the number of unfinished events that were sent more than once."""
    return Event.objects.filter(attempts__gt=1).count()
