"""Send what is planned to the devices of accounts, and see what becomes of it.

A worker claims a message by moving its `due_at`, so that it is sent once, or again if the worker
died. Whether it may be sent at all is decided by then, with the rules of reading.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts import sealing
from accounts.language import speaking_to
from accounts.signed_in import still_signed_in
from chirp.errors import NotFound
from notifications import metrics, preferences, selectors, singles
from notifications.events import PushesDue
from notifications.kinds import Kind
from notifications.push import subscriptions
from notifications.push.delivery import Answer, Outcome, deliver
from notifications.push.messages import message
from notifications.push.models import Push, PushSubscription
from notifications.singles import Single
from outbox.services import publish
from people.selectors import relationships

Policy = PushSubscription.Policy
LIFETIME = timedelta(hours=48)  # then nobody wants to hear of it
LEASE = timedelta(minutes=2)  # a worker that has not finished by then is dead
AT_ONCE = 8  # messages that a task sends: half a minute if every service is slow
ACCOUNTS = 200  # that one round of retries is about
# After each failure, until the next try; the last one for all later ones.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600))
# A device that has failed so often, and for so long, is taken out.
FAILURES, FAILING = 10, timedelta(days=3)


def send_due(*, user_id: int, now: datetime) -> None:
    """Send what is due to the devices of an account. More than a few are another step."""
    due = Push.objects.filter(recipient_id=user_id, due_at__lte=now).order_by("pk")
    ids = list(due.values_list("pk", flat=True)[: AT_ONCE + 1])
    for push_id in ids[:AT_ONCE]:
        _send(push_id, now)
    if len(ids) > AT_ONCE:
        with transaction.atomic():
            publish(PushesDue(user_id=user_id))


def retry(*, now: datetime) -> None:
    """Have sent what is due again, and what a dead worker left; forget what is of no use."""
    Push.objects.filter(created_at__lt=now - LIFETIME).delete()
    subscriptions.drop_failing(before=now - FAILING, failures=FAILURES)
    due = Push.objects.filter(due_at__lte=now).values_list("recipient_id", flat=True)
    with transaction.atomic():
        for user_id in due.order_by("recipient_id").distinct()[:ACCOUNTS]:
            publish(PushesDue(user_id=user_id))


def _send(push_id: int, now: datetime) -> None:
    claim = Push.objects.filter(pk=push_id, due_at__lte=now)
    if not claim.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return
    seats = ("session", "family", "app_token", "user")
    rows = Push.objects.select_related(*(f"subscription__{seat}" for seat in seats))
    push = rows.filter(pk=push_id).first()
    if push is None:
        return
    row, who = push.subscription, subscriptions.who(push.subscription)
    if who not in still_signed_in({who}, now=now):
        row.delete()
        return
    made = _message(push, row, now)
    if made is None:
        push.delete()
        return
    left = push.created_at + LIFETIME - now
    _settle(push, deliver(row, made, topic=f"g{push.group_id}", lifetime=left, now=now), now)


def _message(push: Push, row: PushSubscription, now: datetime) -> bytes | None:
    """Return the message; None if there is nothing to say any more."""
    if push.created_at <= now - LIFETIME:
        return None
    try:
        single = singles.single(
            viewer=row.user, notification_id=push.notification_id, kinds=_heard(row)
        )
        item = selectors.group(viewer=row.user, group_id=push.group_id)
        token = sealing.unseal(row.token) if row.token else ""
    except (NotFound, sealing.Unreadable):
        return None
    if not item.unread or not _is_welcome(row, single):
        return None
    with speaking_to(row.user):
        return message(row, single, item, token=token)


def _heard(row: PushSubscription) -> list[Kind]:
    """Return the kinds that the device hears of, and that the account has not turned off since."""
    off = preferences.preferences(user=row.user).off
    return [kind for kind in Kind if kind in row.kinds and kind not in off]


def _is_welcome(row: PushSubscription, single: Single) -> bool:
    """Whether the policy of the device is met. What nobody did is only hindered by NONE."""
    if row.policy == Policy.NONE:
        return False
    if row.policy == Policy.ALL or single.actor is None:
        return True
    between = relationships(viewer=row.user, user_ids=[single.actor.pk])[single.actor.pk]
    return between.following if row.policy == Policy.FOLLOWED else between.followed_by


def _settle(push: Push, answer: Answer, now: datetime) -> None:
    metrics.pushes.labels(answer.outcome).inc()
    row = PushSubscription.objects.filter(pk=push.subscription_id)
    if answer.outcome is Outcome.GONE:
        push.subscription.delete()
    elif answer.outcome is Outcome.ACCEPTED:
        row.update(succeeded_at=now, failures=0, failing_since=None, resume_at=None)
        _forget(push, now)
    elif answer.outcome is Outcome.REFUSED:
        _note_failure(push, now)
        _forget(push, now)
    else:
        _note_failure(push, now)
        wait = max(answer.pause or timedelta(0), _pause(push.attempts))
        row.update(resume_at=now + wait)
        # All that waits for the device: its service does not want to hear of the next one either.
        Push.objects.filter(subscription=push.subscription_id).update(due_at=now + wait)


def _note_failure(push: Push, now: datetime) -> None:
    row = PushSubscription.objects.filter(pk=push.subscription_id)
    row.update(failures=F("failures") + 1)
    row.filter(failing_since=None).update(failing_since=now)


def _pause(attempts: int) -> timedelta:
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def _forget(push: Push, now: datetime) -> None:
    """Delete a message that was sent, unless its group has a newer one by now, which is due."""
    same = Push.objects.filter(pk=push.pk)
    if not same.filter(notification_id=push.notification_id).delete()[0]:
        same.update(due_at=now, attempts=0)
        with transaction.atomic():
            publish(PushesDue(user_id=push.recipient_id))
