"""E-mail addresses of accounts: whether they are confirmed, and their change.

`User.email` is the address in use. allauth's EmailAddress says whether it is confirmed, and holds
the address that is to replace it: a row that is neither confirmed nor primary. An account without
rows, such as an imported one, has an address that nobody confirmed.

A link holds the id of the row, signed. A code is derived from the row, for accounts that are signed
in on another device than the one that reads the mail.
"""

import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import security_log, sql, unproven
from accounts.creation import EmailTaken
from accounts.joining import terms, waiting
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.services import check_password
from accounts.validation import clean_email
from chirp import hooks
from chirp.checks import SMTP
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound
from chirp.limits import guesses
from chirp.limits.quotas import spend
from chirp.texts import text as _

Kind = SecurityEvent.Kind
SALT = "accounts.emails"
VALID = timedelta(days=3)
CODE_LENGTH = 8
# Without vowels, so that no code is a word. Five bits each are enough against guesses by far.
ALPHABET = "".join(sorted(set(string.ascii_uppercase) - set("AEIOUY")))


class BadLink(NotFound):
    """The link is not one of ours, is too old, or was used before."""

    code = "bad_link"
    message = _("This link is too old, or was used before. Your settings can send a new one.")


class WrongCode(ChirpError):
    """The code is not the one of the e-mail, or is too old."""

    code = "wrong_code"
    message = _("This is not the code of the latest e-mail.")
    field = "code"


class SameAddress(Conflict):
    """The account has this address already."""

    code = "same_address"
    message = _("This is your address already.")
    field = "email"


class NotConfirmed(NotAllowed):
    """The account can only read until its address is confirmed."""

    code = "email_not_confirmed"
    message = _("Please confirm your e-mail address first, in your settings.")


class NothingToConfirm(Conflict):
    """The address is confirmed, and none is to replace it."""

    code = "nothing_to_confirm"
    message = _("There is no address to confirm.")


@dataclass(frozen=True, slots=True)
class EmailState:
    """The address of an account, whether it is confirmed, and the one that is to replace it."""

    email: str
    verified: bool
    pending: str | None


def state(*, user: User) -> EmailState:
    """Return the state of the address of `user`."""
    rows = list(EmailAddress.objects.filter(user=user))
    verified = any(row.verified and row.primary for row in rows)
    pending = next((row.email for row in rows if not row.primary), None)
    return EmailState(user.email, verified, pending)


def is_verified(user: User) -> bool:
    """Return whether the address of `user` is confirmed."""
    return bool(EmailAddress.objects.filter(user=user, primary=True, verified=True).exists())


def check_may_write(user: User) -> None:
    """Raise NotConfirmed if `user` can only read until the address is confirmed. Staff never do."""
    if confirmation_is_required() and not user.is_staff and not is_verified(user):
        raise NotConfirmed


def confirmation_is_required() -> bool:
    """Return whether accounts can only read until their address is confirmed."""
    wanted = settings.REQUIRE_VERIFIED_EMAIL
    return bool(wanted == "on" or (wanted == "auto" and settings.EMAIL_BACKEND == SMTP))


@transaction.atomic
def ask_to_confirm(*, user: User, now: datetime) -> None:
    """Send a link and a code to the address that is to be confirmed.

    Raises NothingToConfirm, and TooManyRequests after many e-mails.
    """
    row = _unconfirmed(lock_accounts(user.pk)[user.pk])
    if row is None:
        raise NothingToConfirm
    _spend_mail(user)
    _send_link(row, now)


@transaction.atomic
def change(*, user: User, email: str, password: str, now: datetime, address: str) -> EmailState:
    """Ask the new address of `user` to confirm itself. Until then the old one stays.

    Raises WrongPassword, TooManyGuesses, BadEmail, EmailTaken, SameAddress, TooManyRequests, and
    EmailBlocked or WrongDomain for one that could not register.
    """
    check_password(user, password, field="password", now=now, address=address)
    return begin_change(user=user, email=email, now=now)


@transaction.atomic
def begin_change(*, user: User, email: str, now: datetime) -> EmailState:
    """Like `change`, for a caller that has made sure who asks for it."""
    email = clean_email(email)
    user = lock_accounts(user.pk)[user.pk]
    if email == user.email:
        raise SameAddress
    hooks.run("account.addressing", email=email)
    terms.check_domain(terms.current(), email)
    _check_free(email, user)
    _spend_mail(user)
    _primary(user)
    _pending(user).delete()
    _send_link(EmailAddress.objects.create(user=user, email=email), now)
    return state(user=user)


@transaction.atomic
def cancel_change(*, user: User) -> EmailState:
    """Forget the address that was to replace the one of `user`. Idempotent."""
    _pending(user).delete()
    return state(user=user)


@transaction.atomic
def confirm_by_code(*, user: User, code: str, now: datetime, address: str) -> EmailState:
    """Confirm the waiting address of `user` by the code of its e-mail.

    Raises WrongCode, TooManyGuesses, NothingToConfirm and EmailTaken.
    """
    user = lock_accounts(user.pk)[user.pk]
    row = _unconfirmed(user)
    if row is None:
        raise NothingToConfirm
    budget = f"email-code\n{user.pk}"
    guesses.count(budget)
    given = "".join(code.upper().replace("-", " ").split())
    if not any(constant_time_compare(given, code) for code in _codes(row, now)):
        raise WrongCode
    guesses.reset(budget)
    _confirm(row, user, address)
    unproven.settle(user)
    return state(user=user)


def address_of(*, token: str) -> str:
    """Return the address that a link confirms. Raises BadLink."""
    return str(_row_of(token).email)


@transaction.atomic
def confirm_by_link(*, token: str, address: str, by: User | None = None) -> User:
    """Confirm the address that a link names, and return its account. Twice is once: BadLink.

    `by` is who is signed in where the link was opened, if it was somebody.
    Raises BadLink, and EmailTaken if another account has the address by now.
    """
    (owner,) = lock_accounts(_row_of(token).user_id).values()
    _confirm(_row_of(token), owner, address)  # once more: another request may have been first
    if by == owner:
        unproven.settle(owner)
    return owner


@transaction.atomic
def mark_verified(*, user: User) -> None:
    """Note that the owner of the account has just read an e-mail at its address."""
    row = _primary(user)
    if not row.verified:
        row.verified = True
        row.save(update_fields=["verified"])
        waiting.confirmed(user, address="")


def _confirm(row: EmailAddress, user: User, address: str) -> None:
    if not row.primary:
        _replace(row, user)
        security_log.record(Kind.EMAIL_CHANGED, user_id=user.pk, address=address)
        return
    row.verified = True
    row.save(update_fields=["verified"])
    security_log.record(Kind.EMAIL_VERIFIED, user_id=user.pk, address=address)
    waiting.confirmed(user, address=address)


def _replace(row: EmailAddress, user: User) -> None:
    """Make the waiting address the one of the account, and tell the old one."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_ADDRESS, [row.email])
    _check_free(row.email, user)
    old = user.email
    EmailAddress.objects.filter(user=user, primary=True).delete()
    row.verified = row.primary = True
    row.save(update_fields=["verified", "primary"])
    user.email = row.email
    user.save(update_fields=["email"])
    queue(letters.address_changed(new=row.email), user=user, to=old)


def _check_free(email: str, user: User) -> None:
    if User.objects.by_email(email).exclude(pk=user.pk).exists():
        raise EmailTaken


def _spend_mail(user: User) -> None:
    quota = spend("mail", who=str(user.pk))
    if quota is not None:
        quota.check()


def _send_link(row: EmailAddress, now: datetime) -> None:
    token = signing.dumps([row.pk, row.email], salt=SALT)
    code = _codes(row, now)[0]
    shown = f"{code[:4]}-{code[4:]}"
    letter = letters.confirm_address(token=token, code=shown, days=VALID.days)
    queue(letter, user=row.user, to=row.email)


def _row_of(token: str) -> EmailAddress:
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise BadLink from None
    row = EmailAddress.objects.filter(pk=pk, email=email, verified=False).first()
    if row is None:
        raise BadLink
    return row


def _codes(row: EmailAddress, now: datetime) -> list[str]:
    """Return the codes that are valid for a row: the one of today first, then of earlier days."""
    today = now.date().toordinal()
    return [_code(row, today - age) for age in range(VALID.days + 1)]


def _code(row: EmailAddress, day: int) -> str:
    given = f"{row.pk}:{row.email}:{day}"
    digest = salted_hmac(f"{SALT}.code", given, algorithm="sha256").digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CODE_LENGTH])


def _pending(user: User) -> QuerySet[EmailAddress]:
    rows: QuerySet[EmailAddress] = EmailAddress.objects.filter(user=user, primary=False)
    return rows


def _unconfirmed(user: User) -> EmailAddress | None:
    """The address that waits to replace the present one, else the present one if unconfirmed."""
    pending = _pending(user).first()
    if pending is not None:
        return pending
    row = _primary(user)
    return None if row.verified else row


def _primary(user: User) -> EmailAddress:
    """Return the row of the address in use. It is made when it is first needed."""
    row, _ = EmailAddress.objects.get_or_create(
        user=user, primary=True, defaults={"email": user.email}
    )
    return row
