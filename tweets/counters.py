"""Check and repair the stored counts of tweets and likes (see tweets/counts.py for what counts)."""

from collections.abc import Iterable

from django.db import connection

from chirp.db.counters import REPAIR_BATCH, Mismatch
from chirp.itertools import batched
from tweets.counts import recount
from tweets.sql import counts as sql
from tweets.sql.counts import Counter


def check() -> list[Mismatch]:
    """Return every wrong count, counter by counter."""
    return [mismatch for counter in sql.COUNTERS for mismatch in _wrong(counter)]


def _wrong(counter: Counter) -> Iterable[Mismatch]:
    with connection.cursor() as cursor:
        cursor.execute(sql.WRONG_COUNTS.format(c=counter))
        rows = cursor.fetchall()
    for id_, stored, counted in rows:
        yield Mismatch(counter.label, id_, counter.name, stored, counted)


def repair() -> int:
    """Correct every wrong count, and return how many accounts and tweets were changed.

    It is safe to run while the site is in use: the rows are locked before they are counted.
    """
    repaired = set()
    for counter in sql.COUNTERS:
        wrong = [mismatch.id for mismatch in _wrong(counter)]
        for ids in batched(wrong, REPAIR_BATCH):
            recount(counter, ids)
        repaired |= {(counter.label, id_) for id_ in wrong}
    return len(repaired)
