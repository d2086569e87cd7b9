"""Ids of tweets and reposts: 41 bits of milliseconds since 2026 and 12 bits from a sequence.

Ids have 53 bits, so that they are exact as the score of a sorted set (a double) and as a JavaScript
number. They increase with time and never repeat across processes. No process needs a worker number,
because Postgres draws them (after Twitter's Snowflake, 2010, whose machines draw their own).

When the clock of Postgres steps back, ids continue from the highest one, in steps of one, until
the clock has caught up; meanwhile the time in an id is too late. Postgres notices the step by the
newest window of 32 ms in which any id was drawn. A smaller step goes unnoticed, and does harm only
if 4,096 ids are drawn within it. A replica that takes over knows this window as well. Reasons and
costs: docs/decisions/0011-ids-never-step-back.md. Implementation: migrations/0001.
"""

import time

from django.db import connection
from django.db.models import BigIntegerField, Func

MAX_ID = 2**53 - 1
EPOCH_MS = 1_767_225_600_000  # the first moment of 2026
SEQUENCE_BITS = 12


class NextId(Func):
    """The database expression that draws an id, used as the default of primary keys."""

    function = "chirp_next_id"
    arity = 0
    output_field = BigIntegerField()


def draw(count: int = 1) -> list[int]:
    """Draw `count` ids, in increasing order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chirp_next_id() FROM generate_series(1, %s)", [count])
        return sorted(row[0] for row in cursor.fetchall())


def age_seconds(id_: int) -> float:
    """Seconds since an id was drawn, by this machine's clock; never negative."""
    drawn = (EPOCH_MS + (id_ >> SEQUENCE_BITS)) / 1000
    return max(time.time() - drawn, 0.0)


def at(seconds: float) -> int:
    """The lowest id of a moment, in seconds since 1970: ids drawn before it are below."""
    return max(int(seconds * 1000) - EPOCH_MS, 0) << SEQUENCE_BITS


def hours_between(older: int, newer: int) -> float:
    """The hours between the moments at which two ids were drawn."""
    return ((newer >> SEQUENCE_BITS) - (older >> SEQUENCE_BITS)) / 3_600_000


def parse(text: object) -> int | None:
    """The id in a decimal string, or None for anything that cannot be an id."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 16:
        return None
    id_ = int(text)
    return id_ if id_ <= MAX_ID else None
