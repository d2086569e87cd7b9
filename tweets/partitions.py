"""Tweets in partitions by year: for a table that is too large to be looked after as a whole.

A new site has one table. `manage.py partitions divide` makes partitions of a grown one, and from
then on the scheduler adds one for each year. Why, and what it costs:
docs/decisions/0042-partitions.md.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

from chirp import ids
from chirp.db import partitions
from chirp.db.partitions import Part, PartitionError
from tweets.models import Tweet
from tweets.sql import reposts as sql

TABLE = Tweet._meta.db_table
AHEAD = timedelta(days=30)  # when the scheduler adds the partition of the next year
# Ids of the next year are refused in the partition before it, also while it is being cut.
SOONEST = timedelta(days=1)
BATCH = 20_000  # reposts


def divide(*, now: datetime) -> None:
    """Make the table of tweets the first of two partitions, and check what refers to it.

    Others can read and write meanwhile. If it is interrupted, it can be run again; on a site that
    has partitions, it does what the scheduler does. Raises PartitionError.
    """
    with partitions.alone(TABLE):
        partitions.release(TABLE)
        if not partitions.parts(TABLE):
            year = _soon_enough(now).year + 1
            divide_at(_start_of(year), year)
        else:
            _extend(now)
        partitions.check(TABLE)


def divide_at(at: int, year: int) -> None:
    """Divide the table at an id, into what is before a year and what is from then on."""
    note_reposts()
    first, last = f"{TABLE}_before_{year}", f"{TABLE}_from_{year}"
    partitions.divide(TABLE, at=at, first=first, last=last)


def extend(*, now: datetime) -> bool:
    """Add the partition of the next year if that begins soon, and return whether it was added.

    It is for the scheduler: on a site without partitions it does nothing. Raises PartitionError.
    """
    if not partitions.parts(TABLE) and not partitions.bounded(TABLE):
        return False
    with partitions.alone(TABLE):
        partitions.release(TABLE)
        added = _extend(now)
        if added or partitions.unchecked(TABLE):
            partitions.check(TABLE)
    return added


def _extend(now: datetime) -> bool:
    parts, year = partitions.parts(TABLE), now.year + 1
    is_missing = bool(parts) and (parts[-1].low or 0) < _start_of(year)
    due = is_missing and SOONEST < _first_of(year) - now <= AHEAD
    if due:
        partitions.cut(TABLE, at=_start_of(year), name=f"{TABLE}_from_{year}")
    return due


def all_parts() -> list[Part]:
    """The partitions of the table, the oldest first; none while it is one table."""
    return partitions.parts(TABLE)


def newest_days() -> float | None:
    """For how many days the newest partition has been in use; None while there are none."""
    parts = all_parts()
    return ids.age_seconds(parts[-1].low or 0) / 86_400 if parts else None


def note_reposts() -> None:
    """Let a table refuse second reposts instead of an index. It may be run again."""
    with connection.cursor() as cursor:
        cursor.execute(sql.NOTE_REPOSTS)
    after: int | None = 0
    while after is not None:
        with partitions.unhurried(), connection.cursor() as cursor:
            cursor.execute(sql.NOTE_OLDER_REPOSTS, [after, BATCH])
            (after,) = cursor.fetchone()


def _soon_enough(now: datetime) -> datetime:
    if _first_of(now.year + 1) - now <= SOONEST:
        raise PartitionError("The year ends within a day: divide the table after that.")
    return now


def _first_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _start_of(year: int) -> int:
    return ids.at(_first_of(year).timestamp())
