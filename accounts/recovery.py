"""A new password by e-mail, for those who forgot theirs.

A link is signed, and names the account together with a digest of its password and address. So it
is valid once: after the password was set, it names another digest.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import emails, security_log, selectors, services, unproven
from accounts.creation import hash_password
from accounts.emails import BadLink
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.sso.config import passwords_are_off
from chirp.limits.quotas import spend
from chirp.plain_text import is_storable
from chirp.texts import text as _

Kind = SecurityEvent.Kind
SALT = "accounts.recovery"
VALID = timedelta(hours=2)


class OldLink(BadLink):
    """The link to set a password is not one of ours, is too old, or was used before."""

    message = _("This link is too old, or was used before. Ask for a new one.")


def ask(*, login: str, now: datetime) -> None:
    """Send a link to the address of the account, if there is one that may have a new password.

    Nothing tells whether there is. After many e-mails to an account, no more are sent for a while.
    """
    user = selectors.find_login(login=login) if is_storable(login) else None
    if user is None or not _may_recover(user, now):
        return
    quota = spend("mail", who=str(user.pk))
    if quota is None or quota.used <= quota.limit:
        with transaction.atomic():
            queue(letters.set_password(token=_token(user), hours=VALID.seconds // 3600), user=user)


def check(*, token: str) -> User:
    """Return the account that a link is for. Raises OldLink."""
    try:
        pk, digest = signing.loads(token, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise OldLink from None
    user = selectors.find_user(user_id=pk)
    if user is None or user.suspended_at or not constant_time_compare(digest, _digest(user)):
        raise OldLink
    return user


@transaction.atomic
def set_password(*, token: str, new: str, address: str) -> User:
    """Set the password of the account that a link is for; end all its sessions and tokens.

    The address is confirmed by that. If it was not before, somebody else may have registered with
    it: what they added to sign in goes (accounts/unproven.py). Raises OldLink and WeakPassword.
    """
    lock_accounts(check(token=token).pk)
    user = check(token=token)  # once more: another request may have been first
    hashed = hash_password(new, user=user, field="password")
    services.end_sign_ins(user, password=hashed)
    unproven.remove(user, address=address)
    emails.mark_verified(user=user)
    security_log.record(Kind.PASSWORD_RESET, user_id=user.pk, address=address)
    queue(letters.security_changed(_("A new password was set by e-mail.")), user=user)
    return user


def _may_recover(user: User, now: datetime) -> bool:
    if passwords_are_off() and not user.is_staff:
        return False
    return user.suspended_at is None and not services.is_lost(user, now)


def _token(user: User) -> str:
    return signing.dumps([user.pk, _digest(user)], salt=SALT)


def _digest(user: User) -> str:
    given = f"{user.password}\n{user.token_version}\n{user.email}"
    return salted_hmac(SALT, given, algorithm="sha256").hexdigest()[:32]
