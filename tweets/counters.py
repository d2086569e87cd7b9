"""Check and repair the stored counts of tweets and likes.

Deleted tweets and undone reposts are not counted. Tweets that a moderator has hidden are counted,
and so are reposts and likes of deleted tweets.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from accounts import counts as account_counts
from accounts.locks import lock_accounts
from chirp.db.counters import REPAIR_BATCH, Mismatch
from chirp.itertools import batched
from tweets import counts, sql
from tweets.locks import lock_tweets
from tweets.sql import Counter


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
            _recount(counter, list(ids))
        repaired |= {(counter.label, id_) for id_ in wrong}
    return len(repaired)


@transaction.atomic
def _recount(counter: Counter, ids: list[int]) -> None:
    if counter.label == "user":
        lock_accounts(*ids)
        account_counts.overwrite(counter.name, _counted(counter, ids))
    else:
        lock_tweets(ids)
        counts.overwrite(counter.name, _counted(counter, ids))


def _counted(counter: Counter, ids: list[int]) -> dict[int, int]:
    """Return the correct counts by id.

    This is a separate statement after the lock, so that it sees everything committed before.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_ROWS.format(c=counter), [ids])
        return dict(cursor.fetchall())
