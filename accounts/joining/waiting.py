"""Accounts that wait until staff approves them, or until their address is confirmed.

Until then an account is deactivated, so that nobody sees it, and cannot sign in.
"""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from accounts import security_log
from accounts.joining.models import Waiting
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from chirp.errors import NotAllowed, NotFound
from chirp.limits.quotas import spend
from chirp.plain_text import clean_lines
from chirp.texts import text as _

Kind = SecurityEvent.Kind
ANSWER_LENGTH = 1000
MAY_DECIDE = "accounts.change_waiting"


class NotYet(NotAllowed):
    """Base of these errors: the password is right, but the account waits."""


class NotApproved(NotYet):
    """The account waits for the approval of staff."""

    code = "approval_pending"
    message = _("Your account waits for approval. You get an e-mail as soon as it is decided.")


class NotConfirmed(NotYet):
    """The account waits until its address is confirmed."""

    code = "confirmation_pending"
    message = _(
        "Please confirm your address first: open the link in the e-mail that was sent to you. If "
        "that is lost, set a new password, which confirms the address too."
    )


ERRORS: dict[str, type[NotYet]] = {
    Waiting.For.APPROVAL: NotApproved,
    Waiting.For.ADDRESS: NotConfirmed,
}


def begin(*, user: User, what: str, reason: str, now: datetime) -> None:
    """Let a new account wait. Call it in the transaction that created it."""
    user.deactivated_at = now
    user.save(update_fields=["deactivated_at"])
    Waiting.objects.create(user=user, what=what, reason=reason)
    if what == Waiting.For.APPROVAL:
        _tell_staff(user)


def error_of(user: User) -> NotYet | None:
    """Return why an account cannot begin yet, or None. Makes no query for active accounts."""
    if user.deactivated_at is None:
        return None
    what = Waiting.objects.filter(user=user).values_list("what", flat=True).first()
    return ERRORS[what]() if what else None


def check(user: User) -> None:
    """Raise NotApproved or NotConfirmed if an account waits."""
    error = error_of(user)
    if error is not None:
        raise error


def confirmed(user: User, *, address: str) -> None:
    """Let an account begin that waits for the confirmation of its address, which is there."""
    if Waiting.objects.filter(user=user, what=Waiting.For.ADDRESS).exists():
        _let_in(user, address)


def for_decision(*, user_id: int) -> Waiting:
    """Return an account that waits. Raises NotFound."""
    row = Waiting.objects.filter(pk=user_id).select_related("user").first()
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def approve(row: Waiting) -> None:
    """Let an account begin, and tell its owner. Raises NotFound if it was decided meanwhile."""
    user = _locked(row)
    _let_in(user, "")
    queue(letters.approved(), user=user)


@transaction.atomic
def reject(row: Waiting, *, answer: str = "") -> None:
    """Delete an account that waits, and tell its owner.

    Raises NotFound if it was decided meanwhile, and BadText for the answer.
    """
    answer = clean_lines(answer, field="answer", limit=ANSWER_LENGTH)
    user = _locked(row)
    queue(letters.rejected(answer), user=user, outlives=True)
    user.delete()


def forget_expired(*, now: datetime) -> None:
    """Delete the accounts that nobody decided about, or whose address nobody confirmed."""
    old = Waiting.objects.filter(created_at__lt=now - Waiting.KEPT).values_list("pk", flat=True)
    for pk in old:
        User.objects.filter(pk=pk, waiting__created_at__lt=now - Waiting.KEPT).delete()


def _locked(row: Waiting) -> User:
    user = lock_accounts(row.pk)[row.pk]
    for_decision(user_id=row.pk)
    return user


def _let_in(user: User, address: str) -> None:
    Waiting.objects.filter(user=user).delete()
    user.deactivated_at = None
    user.save(update_fields=["deactivated_at"])
    security_log.record(Kind.LET_IN, user_id=user.pk, address=address)


def _tell_staff(applicant: User) -> None:
    """Send a mail to each of the staff who may decide, within the limit of such mails."""
    quota = spend("mail", who="applications")
    if quota is not None and quota.used > quota.limit:
        return
    for person in _deciders():
        queue(letters.somebody_applies(applicant.handle), user=person)


def _deciders() -> list[User]:
    app, _, codename = MAY_DECIDE.partition(".")
    wanted = {"content_type__app_label": app, "codename": codename}
    given = Q(**{f"user_permissions__{name}": value for name, value in wanted.items()})
    by_group = Q(**{f"groups__permissions__{name}": value for name, value in wanted.items()})
    staff = get_user_model().objects.active().filter(is_staff=True)
    return list(staff.filter(Q(is_superuser=True) | given | by_group).distinct())
