"""Ids of tweets and reposts: 41 bits of milliseconds since 2026 and 12 bits from a sequence.

53 bits in all: they increase with time, are exact as the score of a sorted set (a double) and as a
JavaScript number, and never repeat across processes without a worker number, since Postgres
draws them (after Twitter's Snowflake, 2010, with the database in the machines' place).

When the clock of Postgres steps back, ids go on from the highest one, by ones, until it is there
again; what an id says of its time is too late for so long. Postgres notices it by the newest 32 ms
in which any id was drawn: a smaller step is not seen, and harms only if 4,096 ids are drawn within
it. A replica that takes over knows these 32 ms as well. Why it is done so, and what it costs:
docs/decisions/0011-ids-never-step-back.md; how: migrations/0001.
"""

import time

from django.db import connection
from django.db.models import BigIntegerField, Func

MAX_ID = 2**53 - 1
EPOCH_MS = 1_767_225_600_000  # the first moment of 2026
SEQUENCE_BITS = 12


class NextId(Func):
    """The database expression that draws an id: the default of primary keys."""

    function = "chirp_next_id"
    arity = 0
    output_field = BigIntegerField()


def draw(count: int = 1) -> list[int]:
    """Draw `count` ids, increasing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chirp_next_id() FROM generate_series(1, %s)", [count])
        return sorted(row[0] for row in cursor.fetchall())


def age_seconds(id_: int) -> float:
    """How long ago an id was drawn, by this machine's clock, in seconds; never below 0."""
    drawn = (EPOCH_MS + (id_ >> SEQUENCE_BITS)) / 1000
    return max(time.time() - drawn, 0.0)


def parse(text: object) -> int | None:
    """The id that a decimal string spells, or None where it spells none that can exist."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 16:
        return None
    id_ = int(text)
    return id_ if id_ <= MAX_ID else None
