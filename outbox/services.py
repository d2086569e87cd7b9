"""Publish events with a change, relay them to Celery, and strike them out when they are done."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chirp.db.prepared import Prepared
from chirp.observability import logs, task_signals
from outbox.models import Event

log = logging.getLogger(__name__)

CHANNEL = "chirp_outbox"
RELAY_BATCH = 200
TOGETHER_AT_MOST = 50  # events that one task does at once: half a second of work
CONFIRM_SECONDS = 5.0  # that a broker may take to say that it has a message
LEASES_AT_MOST = 6  # doublings of the lease: from half a minute to half an hour
BACKOFFS_AT_MOST = 6
ERROR_LENGTH = 2000
Send = Callable[[list[Event]], None]

# The one place that takes rows for relaying: those that are due, oldest first, each relay its own.
# Clocks may step back, and then what was due waits for a time that is far ahead. So due is also
# what was never sent, whatever its time, and what lies further ahead than its lease is long. Each
# part walks an index, and only as far as the ones before it left room. An index needs a time that
# stands still (statement_timestamp); a lease that another relay has just given is told from one
# that is too long by the time that does not.
DUE = """
SELECT * FROM (
    SELECT * FROM outbox_event WHERE due_at <= statement_timestamp()
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) late
UNION ALL SELECT * FROM (
    SELECT * FROM outbox_event WHERE attempts = 0 AND due_at > statement_timestamp()
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) unsent
UNION ALL SELECT * FROM (
    SELECT * FROM outbox_event
    WHERE attempts > 0 AND due_at > statement_timestamp() + %(lease)s * interval '1 second'
        AND due_at > clock_timestamp()
            + %(lease)s * interval '1 second' * (1 << least(attempts - 1, %(doublings)s))
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) leased_too_long
LIMIT %(limit)s
"""
LEASE = """
UPDATE outbox_event SET attempts = attempts + 1,
    due_at = clock_timestamp() + make_interval(secs => %s * power(2, least(attempts, %s)))
WHERE id = ANY(%s)
"""
FAILED = """
UPDATE outbox_event SET last_error = %s, attempts = greatest(attempts, 1),
    due_at = clock_timestamp()
        + make_interval(secs => power(2, least(greatest(attempts, 1) - 1, %s)))
WHERE id = %s
"""
# Both walk an index from its lower end: due_at and id, which is the order of creation.
RELAY_LAG = "SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM outbox_event"
UNFINISHED = """
SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox_event
WHERE task = ANY(%s) ORDER BY id LIMIT 1
"""


# A worker's own events, for which it waits: its message may overtake the commit of the relay that
# sent it, and when somebody else is at them they are gone, or free, a moment later.
CLAIM = Prepared("""
SELECT id, task, together, payload, request_id FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id FOR UPDATE
""")
# More of their kind that nobody is at and that have not failed, for whoever is at it anyway.
CLAIM_MORE = Prepared("""
SELECT id, task, together, payload, request_id FROM outbox_event
WHERE task = %(task)s::text AND together = %(together)s::text AND last_error = ''
    AND id <> ALL (%(ids)s::bigint[])
ORDER BY id LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED
""")
STRIKE_OUT = Prepared("DELETE FROM outbox_event WHERE id = ANY (%(ids)s::bigint[]) RETURNING id")


class UnknownTopic(Exception):
    """A topic that settings.OUTBOX_ROUTES does not name: a mistake in the code."""


def publish(topic: str, payload: Mapping[str, Any], *, leased: bool = False) -> list[Event]:
    """Write down that `topic` happened, within the transaction of the change itself.

    Call it inside `transaction.atomic()`. `payload` becomes the keyword arguments of the tasks.
    With `leased` the events count as sent: the relay takes them only when the lease has ended.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() belongs in the change's transaction."
        )
    tasks = settings.OUTBOX_ROUTES.get(topic)
    if tasks is None:
        raise UnknownTopic(topic)
    logs.note(**logs.ids_in(payload))
    events = [_event(topic, task, dict(payload)) for task in tasks]
    if leased:
        for event in events:
            event.attempts = 1
            event.due_at = Now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    _nudge_after_commit()
    return Event.objects.bulk_create(events)


def _event(topic: str, task: str, payload: dict[str, Any]) -> Event:
    same = settings.OUTBOX_TOGETHER.get(task)
    together = None if same is None else ":".join(str(payload[name]) for name in same)
    request_id = logs.current("request_id") or ""
    return Event(topic=topic, task=task, payload=payload, together=together, request_id=request_id)


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


def send(events: list[Event]) -> None:
    """Give the task of some events, which is the same, to the broker in one message.

    Raises what kombu raises when the broker is away.
    """
    from celery import current_app

    current_app.send_task(
        events[0].task,
        kwargs={"event_ids": [event.pk for event in events]},
        headers=task_signals.headers(events[0].request_id),
        confirm_timeout=CONFIRM_SECONDS,
    )
    for event in events:
        log.info("Sent %s.", event.task, extra={"fields": ids_of(event)})


def relay(*, to: Send = send, limit: int = RELAY_BATCH) -> int:
    """Send what is due, at most `limit` events, and return how many. At least once.

    The rows stay locked until all are sent: a relay that dies in between leaves them due, and
    other relays pass them by (SKIP LOCKED). When `to` raises, what was sent before stays leased.
    """
    failure: Exception | None = None
    with transaction.atomic():
        sent: list[int] = []
        for events in _messages(_due(limit)):
            try:
                to(events)
            except Exception as error:
                failure = error
                break
            sent += [event.pk for event in events]
        if sent:
            _lease(sent)
    if failure is not None:
        raise failure
    return len(sent)


def _due(limit: int) -> list[Event]:
    """Lock what is due, at most `limit` events."""
    lease, doublings = settings.OUTBOX_LEASE_SECONDS, LEASES_AT_MOST
    return list(Event.objects.raw(DUE, {"limit": limit, "lease": lease, "doublings": doublings}))


def _messages(due: list[Event]) -> Iterator[list[Event]]:
    """What is sent together: one event, or several that can be done at once."""
    waiting: dict[tuple[str, str | int], list[Event]] = {}
    for event in due:
        key = event.task, event.pk if event.together is None else event.together
        message = waiting.setdefault(key, [])
        message.append(event)
        if len(message) == TOGETHER_AT_MOST:
            yield waiting.pop(key)
    yield from waiting.values()


def _lease(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LEASE, [settings.OUTBOX_LEASE_SECONDS, LEASES_AT_MOST, ids])


def pending(event_ids: list[int]) -> list[Event]:
    """Those of these events whose work is still owed."""
    return list(Event.objects.filter(pk__in=event_ids).order_by("pk"))


def claim_alone(event_id: int) -> bool:
    """Lock one event, within a transaction. Whether it is owed."""
    return bool(CLAIM.rows(ids=[event_id]))


def claim(event_ids: list[int]) -> list[Event]:
    """Lock those of these events that are owed, within a transaction.

    They are of one task, and can be done together. Where there are any, others of their kind come
    with them, up to TOGETHER_AT_MOST in all: whoever finds a backlog takes a part of it along.
    """
    ours = _events(CLAIM.rows(ids=event_ids))
    room = TOGETHER_AT_MOST - len(ours)
    if not ours or room <= 0:
        return ours
    more = CLAIM_MORE.rows(task=ours[0].task, together=ours[0].together, ids=event_ids, limit=room)
    return ours + _events(more)


def _events(rows: list[tuple[Any, ...]]) -> list[Event]:
    """What a worker has to know of its events."""
    names = ("id", "task", "together", "payload", "request_id")
    return [Event(**dict(zip(names, row, strict=True))) for row in rows]


def done(event_ids: list[int]) -> None:
    """Strike events out. Twice is the same as once."""
    STRIKE_OUT.rows(ids=event_ids)


def failed(event_id: int, *, error: str) -> None:
    """Note why a task failed. The event stays, and is sent again after 1, 2, 4 ... 64 seconds."""
    # Errors quote input, and Postgres takes neither NUL nor half of a surrogate pair.
    storable = error.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
    with connection.cursor() as cursor:
        cursor.execute(FAILED, [storable[-ERROR_LENGTH:], BACKOFFS_AT_MOST, event_id])


def retry_now(event_ids: list[int]) -> int:
    """Make stuck events due at once, and return how many."""
    with transaction.atomic():
        _nudge_after_commit()
        return Event.objects.filter(pk__in=event_ids).update(due_at=Now(), attempts=0)


def relay_lag_seconds() -> float:
    """For how long the oldest event has been due without being sent, in seconds; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute(RELAY_LAG)
        return max(float(cursor.fetchone()[0] or 0), 0.0)


def unfinished_seconds(tasks: Sequence[str]) -> float:
    """The age of the oldest event of these tasks that is not done, in seconds; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED, [list(tasks)])
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
