"""Publish events with a change, relay them to Celery, and strike them out when they are done."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chirp.observability import logs, task_signals
from outbox import sql
from outbox.events import DomainEvent
from outbox.models import Event

log = logging.getLogger(__name__)

CHANNEL = "chirp_outbox"
RELAY_BATCH = 200
TOGETHER_AT_MOST = 50  # events that one task consumes at once: half a second of work
CONFIRM_SECONDS = 5.0  # that a broker may take to say that it has a message
LEASES_AT_MOST = 6  # doublings of the lease: from half a minute to half an hour
BACKOFFS_AT_MOST = 6
ERROR_LENGTH = 2000


class Delivery(NamedTuple):
    """An event on its way to one of its consumers."""

    task: str
    event: Event

    @property
    def pk(self) -> int:
        """The event's id."""
        return int(self.event.pk)

    @property
    def topic(self) -> str:
        """What happened."""
        return self.event.topic

    @property
    def payload(self) -> dict[str, Any]:
        """The keyword arguments of the task."""
        payload: dict[str, Any] = self.event.payload
        return payload


Send = Callable[[list[Delivery]], None]


class UnknownTopic(Exception):
    """A topic that settings.OUTBOX_ROUTES does not name: a mistake in the code."""


def publish(event: DomainEvent, *, leased: bool = False) -> Event | None:
    """Write down that something happened, within the transaction of the change itself.

    Call it inside `transaction.atomic()`. Returns the row, or None where nothing consumes the
    event. With `leased` it counts as sent: the relay takes it only when the lease has ended.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() belongs in the change's transaction."
        )
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
    )
    if leased:
        row.attempts = 1
        row.due_at = Now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    _nudge_after_commit()
    row.save(force_insert=True)
    return row


def ids_of(event: Event) -> dict[str, Any]:
    """What log lines about an event say of it."""
    return {
        "request_id": event.request_id,
        "event_id": event.pk,
        **logs.ids_in(event.payload),
    }


def _nudge_after_commit() -> None:
    """Wake the relay, once a transaction. Best effort: its periodic sweep is the guarantee.

    The notification is a statement of its own: inside the transaction it would make commits
    queue up behind one another, since Postgres orders those that notify.
    """
    pending = getattr(connection, "run_on_commit", [])
    if not any(callback is _nudge for _, callback, _ in pending):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def send(deliveries: list[Delivery]) -> None:
    """Give the task of some deliveries, which is the same, to the broker in one message.

    Raises what kombu raises when the broker is away.
    """
    from celery import current_app

    task = deliveries[0].task
    current_app.send_task(
        task,
        kwargs={"event_ids": [delivery.pk for delivery in deliveries]},
        headers=task_signals.headers(deliveries[0].event.request_id),
        confirm_timeout=CONFIRM_SECONDS,
    )
    for delivery in deliveries:
        log.info("Sent %s.", task, extra={"fields": ids_of(delivery.event)})


def relay(*, to: Send = send, limit: int = RELAY_BATCH) -> int:
    """Send what is due, at most `limit` events, and return how many. At least once.

    The rows stay locked until all are sent: a relay that dies in between leaves them due, and
    other relays pass them by (SKIP LOCKED). When `to` raises, what was sent before stays leased.
    """
    failure: Exception | None = None
    with transaction.atomic():
        due = _due(limit)
        unsent = {event.pk: len(event.consumers) for event in due}
        for deliveries in _messages(due):
            try:
                to(deliveries)
            except Exception as error:
                failure = error
                break
            for delivery in deliveries:
                unsent[delivery.pk] -= 1
        sent = [pk for pk, count in unsent.items() if count == 0]
        if sent:
            _lease(sent)
    if failure is not None:
        raise failure
    return len(sent)


def _due(limit: int) -> list[Event]:
    """Lock what is due, at most `limit` events."""
    lease, doublings = settings.OUTBOX_LEASE_SECONDS, LEASES_AT_MOST
    parameters = {"limit": limit, "lease": lease, "doublings": doublings}
    return list(Event.objects.raw(sql.DUE, parameters))


def _messages(due: list[Event]) -> Iterator[list[Delivery]]:
    """What is sent in one message: one delivery, or several that can be consumed at once."""
    waiting: dict[tuple[str, str, str | int], list[Delivery]] = {}
    for event in due:
        group = event.pk if event.together is None else event.together
        for task in event.consumers:
            key = task, event.topic, group
            message = waiting.setdefault(key, [])
            message.append(Delivery(task, event))
            if len(message) == TOGETHER_AT_MOST:
                yield waiting.pop(key)
    yield from waiting.values()


def _lease(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.LEASE, [settings.OUTBOX_LEASE_SECONDS, LEASES_AT_MOST, ids])


def pending(event_ids: list[int], *, task: str) -> list[Event]:
    """Those of these events that `task` still has to consume."""
    owed = Event.objects.filter(pk__in=event_ids, consumers__contains=[task])
    return list(owed.order_by("pk"))


def claim_alone(event_id: int, *, task: str) -> bool:
    """Lock one event, within a transaction. Whether `task` still has to consume it."""
    return bool(sql.CLAIM.rows(ids=[event_id], task=task))


def claim(event_ids: list[int], *, task: str) -> list[Event]:
    """Lock those of these events that `task` still has to consume, within a transaction.

    They can be consumed at once. Where there are any, others of their kind come with them, up to
    TOGETHER_AT_MOST in all: a worker that finds a backlog takes a part of it along.
    """
    ours = _events(sql.CLAIM.rows(ids=event_ids, task=task))
    room = TOGETHER_AT_MOST - len(ours)
    if not ours or room <= 0:
        return ours
    more = sql.CLAIM_MORE.rows(
        topic=ours[0].topic, together=ours[0].together, task=task, ids=event_ids, limit=room
    )
    return ours + _events(more)


def _events(rows: list[tuple[Any, ...]]) -> list[Event]:
    """What a worker has to know of its events."""
    names = ("id", "topic", "consumers", "together", "payload", "request_id")
    return [Event(**dict(zip(names, row, strict=True))) for row in rows]


def done(event_ids: list[int], *, task: str) -> None:
    """Strike out the task's share of events. Twice is the same as once."""
    removed = sql.STRIKE_OUT.rows(ids=event_ids, task=task)
    if len(removed) < len(event_ids):
        sql.STRIKE_OUT_ONE_OF_SEVERAL.rows(ids=event_ids, task=task)


def failed(event_id: int, *, error: str) -> None:
    """Note why a task failed. The event stays, and is sent again after 1, 2, 4 ... 64 seconds."""
    # Errors quote input, and Postgres takes neither NUL nor half of a surrogate pair.
    storable = error.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
    with connection.cursor() as cursor:
        cursor.execute(sql.FAILED, [storable[-ERROR_LENGTH:], BACKOFFS_AT_MOST, event_id])


def retry_now(event_ids: list[int]) -> int:
    """Make stuck events due at once, and return how many."""
    with transaction.atomic():
        _nudge_after_commit()
        return Event.objects.filter(pk__in=event_ids).update(due_at=Now(), attempts=0)


def relay_lag_seconds() -> float:
    """For how long the oldest event has been due without being sent, in seconds; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute(sql.RELAY_LAG)
        return max(float(cursor.fetchone()[0] or 0), 0.0)


def unfinished_seconds(tasks: Sequence[str]) -> float:
    """The age of the oldest event of these tasks that is not done, in seconds; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute(sql.UNFINISHED, [list(tasks)])
        row = cursor.fetchone()
    return max(float(row[0]), 0.0) if row else 0.0


def lag_seconds() -> float:
    """The age of the oldest event whose work is not done, in seconds; 0 when nothing is owed."""
    oldest = Event.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return 0.0 if oldest is None else max((timezone.now() - oldest).total_seconds(), 0.0)


def owed() -> int:
    """How many events are not done."""
    return Event.objects.count()


def stuck() -> int:
    """How many events were sent more than once and still are not done."""
    return Event.objects.filter(attempts__gt=1).count()
