"""Schedule tweets, and post them when their time has come: once, also after a crash.

A tweet is posted in the transaction that deletes its row. A worker that dies half way leaves
neither a tweet nor a missing row, and a second worker skips the row while the first holds it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound
from chirp.pagination import Page, PageRequest, paginate
from chirp.texts import ntext
from chirp.texts import text as _
from tweets.deleted_media import take_back
from tweets.later.content import NewTweet, restored, stored
from tweets.later.models import Draft, ScheduledTweet
from tweets.threads import post_thread

log = logging.getLogger(__name__)
MAX_SCHEDULED = 200
MAX_AHEAD = timedelta(days=366)
BATCH = 200


class BadTime(ChirpError):
    """Raised when the time is not in the future, or too far away."""

    message = ntext(
        "Must be in the future, and at most %(num)s days from now.",
        "Must be in the future, and at most %(num)s days from now.",
        MAX_AHEAD.days,
    )
    field = "due_at"


class TooManyScheduled(Conflict):
    """Raised when an account has scheduled as many tweets as it can."""

    code = "too_many_scheduled"
    message = ntext(
        "You can schedule %(num)s tweets. Delete one first.",
        "You can schedule %(num)s tweets. Delete one first.",
        MAX_SCHEDULED,
    )


class AlreadyPosted(NotFound):
    """Raised when a scheduled tweet is not there, perhaps because its time has come."""

    message = _("This was posted or deleted meanwhile.")


class AccountNotActive(NotAllowed):
    """Raised when the account of a scheduled tweet is deactivated or suspended at its time."""

    message = _("Your account was not active at that time.")


def schedule(*, user: User, tweets: Sequence[NewTweet], due_at: datetime) -> ScheduledTweet:
    """Schedule a tweet or a thread, and return it.

    It is checked now as if it were posted now, and again when it is due. Raises BadTime,
    TooManyScheduled, and what `post_thread` raises.
    """
    _check(user, tweets, due_at)
    with transaction.atomic():
        lock_account(user.pk)
        if ScheduledTweet.objects.filter(user=user).count() >= MAX_SCHEDULED:
            raise TooManyScheduled
        content = stored(tweets)
        take_back(author_id=user.pk, content=content, now=timezone.now())
        return ScheduledTweet.objects.create(user=user, content=content, due_at=due_at)


def reschedule(
    *,
    user: User,
    scheduled_id: int,
    tweets: Sequence[NewTweet] | None = None,
    due_at: datetime | None = None,
) -> ScheduledTweet:
    """Change what is posted or when; None leaves it as it is. Returns the new state.

    Raises AlreadyPosted, and what `schedule` raises.
    """
    row = access_scheduled(user=user, scheduled_id=scheduled_id)
    wanted = restored(row.content) if tweets is None else tweets
    row.due_at = due_at or row.due_at
    _check(user, wanted, row.due_at)
    row.content = stored(wanted)
    changes = {"content": row.content, "due_at": row.due_at}
    with transaction.atomic():
        if not ScheduledTweet.objects.filter(pk=row.pk).update(**changes):
            raise AlreadyPosted
        take_back(author_id=user.pk, content=row.content, now=timezone.now())
    return row


def cancel(*, user: User, scheduled_id: int) -> bool:
    """Delete a scheduled tweet, and return whether there was one. Idempotent.

    It waits for a worker that is about to post the tweet.
    """
    deleted, _ = ScheduledTweet.objects.filter(user=user, pk=scheduled_id).delete()
    return bool(deleted)


def access_scheduled(*, user: User, scheduled_id: int) -> ScheduledTweet:
    """Return a scheduled tweet of the user. Raises AlreadyPosted."""
    row = ScheduledTweet.objects.filter(user=user, pk=scheduled_id).first()
    if row is None:
        raise AlreadyPosted
    return row


def scheduled(*, user: User, page: PageRequest) -> Page[ScheduledTweet]:
    """Return the scheduled tweets of the user, the one that was scheduled last first."""
    return paginate(ScheduledTweet.objects.filter(user=user), page=page)


def _check(user: User, tweets: Sequence[NewTweet], due_at: datetime) -> None:
    """Raise what posting would raise now, by posting and taking it back."""
    now = timezone.now()
    if not now < due_at <= now + MAX_AHEAD:
        raise BadTime
    with transaction.atomic():
        post_thread(author=user, tweets=tweets)
        transaction.set_rollback(True)


def post_due(*, now: datetime) -> int:
    """Post everything that is due, the earliest first, and return how much it was.

    What cannot be posted at its time becomes a draft with the reason. Several processes may do
    this at once.
    """
    due = ScheduledTweet.objects.filter(due_at__lte=now).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(_post_safely(id_, now) for id_ in ids)


def _post_safely(id_: int, now: datetime) -> bool:
    """Post one scheduled tweet. One that fails unexpectedly stays, and does not stop the others."""
    try:
        return _post(id_, now)
    except Exception:
        log.exception("Scheduled tweet %d could not be posted; it is tried again.", id_)
        return False


@transaction.atomic
def _post(id_: int, now: datetime) -> bool:
    rows = ScheduledTweet.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("user").filter(pk=id_, due_at__lte=now).first()
    if row is None:  # another process holds it or has posted it, or its author changed it
        return False
    try:
        _post_content(row.user, row.content)
    except ChirpError as error:
        Draft.objects.create(user=row.user, content=row.content, reason=error.detail)
    row.delete()
    return True


def _post_content(author: User, content: Sequence[dict[str, Any]]) -> None:
    if not author.is_active:
        raise AccountNotActive
    with transaction.atomic():  # a refusal must not end the transaction that keeps the draft
        post_thread(author=author, tweets=restored(content))
