"""Publish events in the transaction of a change, claim them in workers, remove consumed events."""

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chirp.db.routing import conceal_after_commit
from chirp.observability import logs
from outbox import sql, traces
from outbox.events import DomainEvent
from outbox.models import Event

if TYPE_CHECKING:
    from chirp.db.backend.base import DatabaseWrapper

log = logging.getLogger(__name__)

CHANNEL = "chirp_outbox"
MAX_BATCH = 50  # events that one task consumes together: about half a second of work
MAX_BACKOFF_DOUBLINGS = 6  # from 1 second to 64 seconds
ERROR_LENGTH = 2000  # characters of an error that are stored
# The consumer of OUTBOX_ROUTES that is no task: the relay itself tells open streams.
LIVE = "live"


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
        **traces.log_fields(event),
        **logs.ids_in(event.payload),
    }


def _nudge_after_commit() -> None:
    """Wake the relay when the transaction commits, once per transaction.

    This is best effort; the periodic sweep of the relay is the guarantee. NOTIFY runs after the
    commit, because inside the transaction it would serialize commits: Postgres orders those that
    notify.
    """
    primary = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    primary.run_after_commit(f"NOTIFY {CHANNEL}")


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
