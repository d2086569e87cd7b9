"""The audit log: every act of moderators and administrators, which nobody can change afterwards.

An entry names accounts and rows by their ids, never by handles or by what people wrote: it stays
when they are gone. The database refuses to change and to delete entries (migration `0002_audit`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model

from chirp import client
from chirp.times import rfc3339
from moderation.models import AuditEntry

Values = Mapping[str, Any]
VERBS = {1: "admin.added", 2: "admin.changed", 3: "admin.deleted"}


def record(
    what: str, *, by: int, on: Model, account_id: int, before: Values, after: Values
) -> None:
    """Add an entry about a row, in the transaction of the change.

    `by` is the account that acted, `account_id` the one that it concerns.
    """
    AuditEntry.objects.create(
        what=what,
        actor_id=by,
        subject=on._meta.label_lower,
        subject_id=str(on.pk),
        account_id=account_id,
        address=client.address(),
        before=dict(before),
        after=dict(after),
    )


def from_admin_log(*, logged: Iterable[LogEntry]) -> None:
    """Add what the admin logs: the hook `admin.logged`."""
    AuditEntry.objects.bulk_create([_of(entry) for entry in logged])


def _of(entry: LogEntry) -> AuditEntry:
    of = entry.content_type
    return AuditEntry(
        what=VERBS[entry.action_flag],
        actor_id=entry.user_id,
        subject=f"{of.app_label}.{of.model}" if of else "",
        subject_id=entry.object_id or "",
        address=client.address(),
        after={"message": entry.change_message},
    )


def entries(
    *, since: datetime | None = None, actor_id: int | None = None, account_id: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the entries from a time on, oldest first, as dictionaries for JSON."""
    rows = AuditEntry.objects.order_by("pk")
    wanted = {"created_at__gte": since, "actor_id": actor_id, "account_id": account_id}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    for row in rows.iterator(chunk_size=500):
        yield {
            "id": row.pk,
            "time": rfc3339(row.created_at),
            "what": row.what,
            "actor_id": row.actor_id,
            "account_id": row.account_id,
            "subject": row.subject,
            "subject_id": row.subject_id,
            "address": row.address,
            "before": row.before,
            "after": row.after,
        }
