"""Ids of tweets and reposts: 41 bits of milliseconds since 2026 and 12 bits from a sequence.

Ids have 53 bits, so that they are exact as the score of a sorted set (a double) and as a JavaScript
number. They increase with time and never repeat across processes. No process needs a worker number,
because Postgres draws them (after Twitter's Snowflake, 2010, whose machines draw their own).

When the clock of Postgres steps back, ids continue from the highest one, in steps of one, until
the clock has caught up; meanwhile the time in an id is too late. Postgres notices the step by the
newest window of 32 ms in which any id was drawn. A smaller step goes unnoticed, and does harm only
if 4,096 ids are drawn within it. A replica that takes over knows this window as well. Reasons and
costs: docs/decisions/0011-ids-never-step-back.md. Implementation: migrations/0001.

Tweets that come from elsewhere get ids of the time when they were written, which may be before
2026. No site drew ids in the first ten days of 2026, so these stand for all days since 2006: four
ids for each millisecond (docs/decisions/0032-ids-of-the-past.md).
"""

import secrets
import time
from collections.abc import Sequence

from django.db import connection
from django.db.models import BigIntegerField, Func

MAX_ID = 2**53 - 1
EPOCH_MS = 1_767_225_600_000  # the first moment of 2026
SEQUENCE_BITS = 12
FIRST_MS = 1_136_073_600_000  # the first moment of 2006: what is older counts as of then
DENSE_MS = EPOCH_MS + 10 * 24 * 60 * 60 * 1000  # until then a millisecond has fewer ids
DENSE_BITS = 2


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


def of_the_past(moments: Sequence[float]) -> list[int]:
    """Return an id for each of these moments, in seconds since 1970. It may be taken already."""
    return [max(_lowest(ms) + secrets.randbelow(1 << _bits(ms)), 1) for ms in map(_ms, moments)]


def age_seconds(id_: int) -> float:
    """Seconds since an id was drawn, by this machine's clock; never negative."""
    return max(time.time() - ms_of(id_) / 1000, 0.0)


def at(seconds: float) -> int:
    """The lowest id of a moment, in seconds since 1970: ids of earlier moments are below."""
    return _lowest(_ms(seconds))


def ms_of(id_: int) -> int:
    """The time of an id, in milliseconds since 1970."""
    if id_ < (DENSE_MS - EPOCH_MS) << SEQUENCE_BITS:
        return FIRST_MS + (id_ >> DENSE_BITS)
    return EPOCH_MS + (id_ >> SEQUENCE_BITS)


def hours_between(older: int, newer: int) -> float:
    """The hours between the moments at which two ids were drawn."""
    return (ms_of(newer) - ms_of(older)) / 3_600_000


def _ms(seconds: float) -> int:
    return max(int(seconds * 1000), FIRST_MS)


def _bits(ms: int) -> int:
    return DENSE_BITS if ms < DENSE_MS else SEQUENCE_BITS


def _lowest(ms: int) -> int:
    return (ms - (FIRST_MS if ms < DENSE_MS else EPOCH_MS)) << _bits(ms)


def parse(text: object) -> int | None:
    """The id in a decimal string, or None for anything that cannot be an id."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 16:
        return None
    id_ = int(text)
    return id_ if id_ <= MAX_ID else None
