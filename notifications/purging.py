"""Forget what an account caused and received, when it is purged: steps of accounts/purging.py."""

from collections.abc import Sequence

from django.db import transaction

from notifications.models import Group, Notification
from notifications.settling import lock, retract

BATCH = 500


def received(*, user_id: int) -> bool:
    """Delete a batch of the notifications of the account itself."""
    own = Notification.objects.filter(recipient_id=user_id).order_by("pk")
    ids = list(own.values_list("pk", flat=True)[:BATCH])
    if ids:
        Notification.objects.filter(pk__in=ids).delete()
        return True
    groups = Group.objects.filter(recipient=user_id).order_by("pk")
    found = list(groups.values_list("pk", flat=True)[:BATCH])
    return bool(Group.objects.filter(pk__in=found).delete()[0])


@transaction.atomic
def caused(*, user_id: int) -> bool:
    """Take back and delete a batch of what the account caused, and the groups that are empty then.

    Groups count and name the others only.
    """
    rows = Notification.objects.filter(actor=user_id).order_by("recipient_id", "pk")
    found = list(rows.values_list("pk", "recipient_id", "group_id")[:BATCH])
    if not found:
        return False
    ids = [id_ for id_, _, _ in found]
    lock({recipient for _, recipient, _ in found})
    retract(ids)
    Notification.objects.filter(pk__in=ids).delete()
    groups = Group.objects.filter(pk__in={group for _, _, group in found}, notifications=None)
    groups.delete()
    return True


def tweets(*, tweet_ids: Sequence[int]) -> None:
    """Delete what is about tweets that are purged, in batches: the hook `tweets.purging`."""
    about = Notification.objects.filter(group__tweet__in=tweet_ids).order_by("pk")
    while ids := list(about.values_list("pk", flat=True)[:BATCH]):
        Notification.objects.filter(pk__in=ids).delete()
    Group.objects.filter(tweet__in=tweet_ids).delete()
