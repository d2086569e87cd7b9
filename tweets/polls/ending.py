"""End polls when their time has come."""

from datetime import datetime

from django.db import transaction

from outbox.services import publish
from tweets.events import PollEnded
from tweets.polls.models import Poll

BATCH = 100


def end_polls(*, now: datetime) -> int:
    """Announce the end of all polls that are over and not announced yet. Returns their number.

    Several processes may do this at once: each takes other rows, and no end is announced twice.
    """
    ended = 0
    while batch := _end_batch(now):
        ended += batch
    return ended


@transaction.atomic
def _end_batch(now: datetime) -> int:
    due = Poll.objects.filter(ended_at=None, ends_at__lte=now).order_by("ends_at")
    rows = due.select_for_update(skip_locked=True, no_key=True)
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    Poll.objects.filter(pk__in=ids).update(ended_at=now)
    for tweet_id in ids:
        publish(PollEnded(tweet_id=tweet_id))
    return len(ids)
