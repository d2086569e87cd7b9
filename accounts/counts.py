"""The denormalized counts of accounts. Each changes in the transaction of the row that it counts.

Other apps own the counted rows; this module owns the columns. Lock the accounts first
(accounts/locks.py), so that two changes cannot deadlock.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from django.db import connection

from accounts import sql
from accounts.events import AudienceChanged
from accounts.models import PendingRecount
from outbox.services import publish

Name = Literal["followers", "following", "likes", "tweets"]


class EdgeCounts(NamedTuple):
    """The amounts to add to the counts of one account."""

    user_id: int
    followers: int
    following: int


def add(user_ids: Collection[int], name: Name, by: int) -> None:
    """Add `by` to one count of each of these accounts."""
    sql.ADD_COUNT[name].rows(ids=list(user_ids), by=by)


def add_edges(changes: Iterable[EdgeCounts]) -> None:
    """Add to the follower and following counts of many accounts. Makes one query."""
    columns = list(zip(*changes, strict=True)) or [(), (), ()]
    with connection.cursor() as cursor:
        cursor.execute(sql.ADD_EDGE_COUNTS, [list(column) for column in columns])


def overwrite(name: Name, counts: Mapping[int, int]) -> None:
    """Set one count of these accounts. `counts` maps account ids to the new values."""
    with connection.cursor() as cursor:
        query = sql.OVERWRITE_COUNT.format(column=f"{name}_count")
        cursor.execute(query, [list(counts), list(counts.values())])


def begin_recount(user_id: int) -> None:
    """Have every count redone that includes activity of this account, in the background.

    Call it in the transaction that makes the account visible or invisible to some viewers.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.BEGIN_RECOUNT, [user_id])
    publish(AudienceChanged(user_id=user_id))


def recount_version(user_id: int) -> int | None:
    """Return the version of the pending recount of this account, None if there is none."""
    return PendingRecount.objects.filter(pk=user_id).values_list("version", flat=True).first()


def end_recount(user_id: int, version: int) -> None:
    """Note that counts are right, unless the account has changed again since `version`."""
    PendingRecount.objects.filter(pk=user_id, version=version).delete()


def being_recounted(user_ids: Collection[int]) -> set[int]:
    """Return those of these accounts whose activity may be counted wrongly at the moment."""
    return set(PendingRecount.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
