"""Check and repair the follower and following counts of accounts.

Both count accepted follows whose other end is neither deactivated nor suspended, as the lists do.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from accounts import counts
from accounts.locks import lock_accounts
from chirp.db.counters import REPAIR_BATCH, Mismatch
from chirp.itertools import batched
from people import sql
from people.models import Follow


def check() -> list[Mismatch]:
    """Return every wrong count, ordered by account id."""
    with connection.cursor() as cursor:
        cursor.execute(sql.WRONG_EDGE_COUNTS)
        rows = cursor.fetchall()
    return [mismatch for row in rows for mismatch in _mismatches(*row)]


def _mismatches(
    id_: int, followers: int, following: int, counted_followers: int, counted_following: int
) -> Iterator[Mismatch]:
    if followers != counted_followers:
        yield Mismatch("user", id_, "followers", followers, counted_followers)
    if following != counted_following:
        yield Mismatch("user", id_, "following", following, counted_following)


def repair() -> int:
    """Correct every wrong count, and return the number of accounts that had one.

    Safe during concurrent follows: the accounts are locked before their rows are counted.
    """
    wrong = sorted({mismatch.id for mismatch in check()})
    for ids in batched(wrong, REPAIR_BATCH):
        recount(list(ids))
    return len(wrong)


def recount_neighbours(user_id: int) -> None:
    """Redo the counts of every account that this one follows or that follows it."""
    edges = Follow.objects.exclude(since_id=None)
    followees = edges.filter(follower=user_id).values_list("followee", flat=True)
    followers = edges.filter(followee=user_id).values_list("follower", flat=True)
    for ids in batched(sorted({*followees, *followers}), REPAIR_BATCH):
        recount(list(ids))


@transaction.atomic
def recount(ids: list[int]) -> None:
    """Lock these accounts, and set their counts to the number of their edges."""
    lock_accounts(*ids)
    with connection.cursor() as cursor:
        # A separate statement after the lock, so that it sees everything committed before the lock.
        cursor.execute(sql.COUNT_EDGES, [ids])
        rows = cursor.fetchall()
    counts.overwrite("followers", {id_: followers for id_, followers, _ in rows})
    counts.overwrite("following", {id_: following for id_, _, following in rows})
