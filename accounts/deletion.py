"""Delete an account for good: order it, think better of it, and what is done when its time comes.

An account that is to be deleted is hidden at once, as a deactivated one is. Until its time comes,
signing in leads to the choice to keep it (`keep`). From then on nobody gets in, and a task purges
it (accounts/purging.py).
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts import challenges, counts, proof, security_log
from accounts.challenges import BadChallenge
from accounts.events import AccountDeactivated, PurgeDue
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.services import end_sign_ins, is_lost, reactivate
from chirp.errors import NotFound
from outbox.services import owed_about, publish

Kind = SecurityEvent.Kind
AT_ONCE = 100  # accounts whose purge begins in one run


def ask(*, user: User, password: str, code: str = "", now: datetime, address: str = "") -> datetime:
    """Order the deletion of the account by its owner, and return when it is due.

    Raises what proof.check raises.
    """
    proof.check(user=user, password=password, code=code, now=now, address=address)
    return order(user=user, now=now, address=address)


@transaction.atomic
def order(*, user: User, now: datetime, address: str = "") -> datetime:
    """Hide the account, end its sign-ins, and return when it is deleted. Idempotent.

    The caller has made sure who asks for it. The owner gets an e-mail.
    """
    locked = lock_accounts(user.pk)[user.pk]
    if locked.delete_at is not None:
        return locked.delete_at
    due = now + timedelta(days=settings.ACCOUNT_DELETION_DAYS)
    _hide(locked, now=now, delete_at=due)
    security_log.record(Kind.DELETION_ASKED, user_id=user.pk, address=address)
    queue(letters.deletion_ordered(due=due), user=locked)
    return due


@transaction.atomic
def schedule(*, user: User, now: datetime) -> None:
    """Have an account deleted after the usual time, for an operator, who hides it. Idempotent.

    If its owner has ordered that too, it stays at that.
    """
    locked = lock_accounts(user.pk)[user.pk]
    if locked.delete_at is None:
        locked.delete_at = now + timedelta(days=settings.ACCOUNT_DELETION_DAYS)
        locked.save(update_fields=["delete_at"])
    user.delete_at = locked.delete_at


@transaction.atomic
def unschedule(*, user: User, now: datetime) -> None:
    """Undo `schedule`, unless it is too late, or the owner has ordered it too. Idempotent."""
    locked = lock_accounts(user.pk)[user.pk]
    if locked.delete_at is not None and not is_lost(locked, now) and not _is_ordered(locked):
        locked.delete_at = None
        locked.save(update_fields=["delete_at"])
    user.delete_at = locked.delete_at


@transaction.atomic
def delete_now(*, user: User, now: datetime) -> None:
    """Delete an account without delay, for an operator: its purge begins at once. Idempotent."""
    locked = lock_accounts(user.pk)[user.pk]
    if not is_lost(locked, now):
        _hide(locked, now=now, delete_at=now)
        publish(PurgeDue(user_id=user.pk))


def keep(*, challenge: str, now: datetime, address: str) -> User:
    """Cancel the deletion of the account whose sign-in led to `challenge`, and return the account.

    All of it is back as it was. Raises BadChallenge, also if it is too late, or done already.
    """
    user = challenges.user_of(challenge, salt=challenges.KEEP)
    with transaction.atomic():
        locked = lock_accounts(user.pk)[user.pk]
        if locked.delete_at is None or is_lost(locked, now):
            raise BadChallenge
        cancel(user=user, address=address)
        security_log.record(Kind.SIGNED_IN, user_id=user.pk, address=address)
        return reactivate(user=user, address=address)


@transaction.atomic
def cancel(*, user: User, address: str = "") -> None:
    """Forget that the account is to be deleted. It stays deactivated or suspended. Idempotent."""
    if User.objects.filter(pk=user.pk, delete_at__isnull=False).update(delete_at=None):
        security_log.record(Kind.DELETION_KEPT, user_id=user.pk, address=address)


def begin_due(*, now: datetime) -> Collection[int]:
    """Have the accounts purged whose time has come, and return their ids. Idempotent."""
    due = User.objects.filter(delete_at__lte=now).order_by("delete_at")
    ids = list(due.values_list("pk", flat=True)[:AT_ONCE])
    for user_id in ids:
        event = PurgeDue(user_id=user_id)
        if not owed_about(event):
            with suppress(NotFound):  # it is gone already
                _begin(event, now)
    return ids


@transaction.atomic
def _begin(event: PurgeDue, now: datetime) -> None:
    """Publish that an account is to be purged. From now on it is hidden whatever happens."""
    locked = lock_accounts(event.user_id)[event.user_id]
    if locked.delete_at is None or not is_lost(locked, now):
        return
    if locked.deactivated_at is None:  # it was suspended, which an operator can undo any time
        _hide(locked, now=now, delete_at=locked.delete_at)
    publish(event)


def _is_ordered(user: User) -> bool:
    """Whether the owner has ordered the deletion. One may have deactivated the account only."""
    events = SecurityEvent.objects.filter(
        user=user, kind__in=(Kind.DELETION_ASKED, Kind.DELETION_KEPT)
    )
    latest = events.order_by("-pk").first()
    return latest is not None and latest.kind == Kind.DELETION_ASKED


def _hide(user: User, *, now: datetime, delete_at: datetime) -> None:
    end_sign_ins(user, deactivated_at=user.deactivated_at or now, delete_at=delete_at)
    counts.begin_recount(user.pk)
    publish(AccountDeactivated(user_id=user.pk))
