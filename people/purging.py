"""End the follows of an account that is purged: steps of accounts/purging.py.

The account is hidden, so that nobody follows it meanwhile. Blocks and mutes need nothing but to go.
"""

from django.db import transaction
from django.db.models import QuerySet

from chirp import hooks
from people.counters import recount
from people.models import Follow

BATCH = 500


def followers(*, user_id: int) -> bool:
    """End a batch of the follows of the account, and take its tweets out of these timelines."""
    rows = Follow.objects.filter(followee=user_id).order_by("follower_id")
    ids = list(rows.values_list("follower_id", flat=True)[:BATCH])
    if ids:
        hooks.run("follows.purging", followee_id=user_id, follower_ids=ids)
        _end(Follow.objects.filter(followee=user_id, follower__in=ids), ids)
    return bool(ids)


def followees(*, user_id: int) -> bool:
    """End a batch of the follows by the account."""
    rows = Follow.objects.filter(follower=user_id).order_by("followee_id")
    ids = list(rows.values_list("followee_id", flat=True)[:BATCH])
    if ids:
        _end(Follow.objects.filter(follower=user_id, followee__in=ids), ids)
    return bool(ids)


@transaction.atomic
def _end(rows: QuerySet[Follow], others: list[int]) -> None:
    rows.delete()
    recount(others)
