"""The denormalized counts of accounts. Each changes in the transaction of the row that it counts.

Other apps own the counted rows; this module owns the columns. Lock the accounts first
(accounts/locks.py), so that two changes cannot deadlock.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from django.db import connection
from django.db.models import F

from accounts import sql
from accounts.models import User

Name = Literal["followers", "following", "likes", "tweets"]


class EdgeCounts(NamedTuple):
    """The amounts to add to the counts of one account."""

    user_id: int
    followers: int
    following: int


def add(user_ids: Collection[int], name: Name, by: int) -> None:
    """Add `by` to one count of each of these accounts."""
    column = f"{name}_count"
    User.objects.filter(pk__in=user_ids).update(**{column: F(column) + by})


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
