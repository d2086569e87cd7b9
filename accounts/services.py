"""Writes to one account: registration, sign-in, profile, password, deactivation and suspension.

Follows, blocks and mutes between two accounts are in `people.services`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from accounts import (
    challenges,
    counts,
    creation,
    factors,
    passwords,
    security_log,
    selectors,
    sessions,
)
from accounts.creation import EmailTaken, hash_password
from accounts.events import AccountDeactivated, AccountReturned, AccountSuspended, SignInsEnded
from accounts.joining import waiting
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail import queue as mail
from accounts.mail.queue import queue
from accounts.models import IdempotentRequest, SecurityEvent, SiteSession, TokenFamily, User
from accounts.oauth import services as oauth
from accounts.sso.config import PasswordsOff, passwords_are_off
from accounts.validation import clean_email
from chirp import errors, hooks
from chirp.errors import ChirpError, NotAllowed
from chirp.plain_text import is_storable
from chirp.texts import text as _
from chirp.times import rfc3339
from outbox.services import publish

Kind = SecurityEvent.Kind
log = logging.getLogger(__name__)

REPEAT_WINDOW = timedelta(minutes=10)  # in which a registration may be sent again


@transaction.atomic
def register(
    *, handle: str, email: str, password: str | None, name: str = "", address: str = ""
) -> User:
    """Create an account, for a client at `address`, who counts as signed in from there.

    People go through registration.sign_up, which has the terms. Raises BadHandle, ReservedHandle,
    BadEmail, BadText or WeakPassword for invalid input, and HandleTaken or EmailTaken if another
    account has them, even one that is created concurrently.
    """
    hooks.run("account.registering", address=address)
    hooks.run("account.addressing", email=clean_email(email))
    user = creation.create(User, handle=handle, email=email, password=password, name=name)
    security_log.record(Kind.REGISTERED, user_id=user.pk, address=address)
    return user


def just_registered(
    *, handle: str, email: str, password: str, now: datetime, address: str
) -> User | None:
    """Return the account that the same registration created a moment ago, None if there is none.

    A form may arrive twice: the second time the handle is taken, by its own sender. Raises
    TooManyGuesses after many wrong passwords.
    """
    user = selectors.find_login(login=handle)
    is_same = user is not None and user.handle == handle and user.email == clean_email(email)
    if user is None or not is_same or user.created_at < now - REPEAT_WINDOW:
        return None
    failure = Kind.SIGN_IN_FAILED
    is_right = passwords.is_right(
        password, user=user, login=handle, address=address, now=now, failure=failure
    )
    is_all = is_right and _is_new(user) and not factors.is_on(user_id=user.pk)
    return user if is_all else None


def _is_new(user: User) -> bool:
    return user.is_active or waiting.error_of(user) is not None


def register_without_password(*, handle: str, email: str, name: str = "") -> User:
    """Create an account with an unusable password, until an operator sets one.

    For imported accounts. Raises the same exceptions as `register`, except WeakPassword.
    """
    return creation.create(User, handle=handle, email=email, password=None, name=name)


def date_back(*, user: User, at: datetime) -> User:
    """Let an account have been created earlier: for the demo, and no face has it. Return it."""
    User.objects.filter(pk=user.pk).update(created_at=at)
    user.created_at = at
    return user


def register_many_without_password(handles: Sequence[str], *, email_domain: str) -> None:
    """Create many accounts with unusable passwords, with one INSERT.

    The handles must be valid. One that another transaction has just taken is left out. Raises
    EmailTaken if another account has one of the e-mail addresses.
    """
    users = [User(handle=handle, email=f"{handle.lower()}@{email_domain}") for handle in handles]
    for user in users:
        user.set_unusable_password()
    # Without conflicts: an error would put whole rows into the log of Postgres.
    User.objects.bulk_create(users, ignore_conflicts=True)
    _check_created(handles)


def _check_created(handles: Sequence[str]) -> None:
    found = {handle.lower() for handle in selectors.existing_handles(handles)}
    for handle in handles:
        if handle.lower() not in found:
            raise EmailTaken(
                _("Another account has the e-mail address of %(handle)s.", handle=handle)
            )


class BadCredentials(ChirpError):
    """There is no such account, or the password is wrong: both look the same."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "bad_credentials"
    message = _("Wrong handle, e-mail address or password.")


class Suspended(NotAllowed):
    """Who it is, is proven, by a second factor too if there is one. But `user` is suspended."""

    code = "suspended"
    message = _("This account is suspended. Log in on the website to read why, and to appeal.")

    def __init__(self, user: User) -> None:
        self.user = user
        super().__init__()


class SecondStepNeeded(NotAllowed):
    """The password is right, and the account has a second factor: see `finish_sign_in`."""

    code = "mfa_required"
    message = _("Now the second step: a code of your authenticator app, or a recovery code.")

    def __init__(self, user: User) -> None:
        super().__init__()
        self.challenge = challenges.begin(user)
        self.more = {"challenge": self.challenge}


class DeletionPending(NotAllowed):
    """Who the user is, is proven, but the account is to be deleted: see deletion.keep."""

    code = "deletion_pending"

    def __init__(self, user: User) -> None:
        assert user.delete_at is not None
        self.delete_at = user.delete_at
        self.challenge = challenges.begin(user, salt=challenges.KEEP)
        super().__init__(_("This account will be deleted on %(date)s.", date=user.delete_at))
        self.more = {"challenge": self.challenge, "delete_at": rfc3339(user.delete_at)}


class WrongPassword(NotAllowed):
    """A signed-in user entered a wrong current password."""

    code = "wrong_password"
    message = _("The password is wrong.")
    field = "password"


def sign_in(*, login: str, password: str, now: datetime, address: str = "") -> User:
    """Return the user with this handle or e-mail address and this password.

    Reactivates a deactivated account. Raises BadCredentials for all wrong
    input, and always takes as long as one password check. Raises TooManyGuesses after many wrong
    ones. `address` is the client's.

    Raises SecondStepNeeded if the account has a second factor: nobody is signed in by then, and
    PasswordsOff where only staff has them. Raises what `signed_in` does.
    """
    if not (is_storable(login) and is_storable(password)):
        raise BadCredentials
    user = _find_login(login, now)
    is_right = passwords.is_right(
        password, user=user, login=login, address=address, now=now, failure=Kind.SIGN_IN_FAILED
    )
    if user is None or not is_right:
        raise BadCredentials
    if passwords_are_off() and not user.is_staff:
        raise PasswordsOff
    if factors.is_on(user_id=user.pk):
        raise SecondStepNeeded(user)
    return signed_in(user=user, address=address)


def finish_sign_in(*, challenge: str, code: str, now: datetime, address: str = "") -> User:
    """Return the user whose sign-in began with `challenge`, by a code of a second factor.

    Raises BadChallenge, WrongCode, TooManyGuesses after many wrong codes, and what `signed_in`
    does.
    """
    user = challenges.user_of(challenge)
    factors.check_code(user=user, code=code, now=now, address=address)
    return signed_in(user=user, address=address)


def signed_in(*, user: User, address: str) -> User:
    """Record that `user` has proven who they are, and undo a deactivation.

    Raises Suspended, NotApproved or NotConfirmed if the account is new and waits, and
    DeletionPending if it is to be deleted: see accounts/deletion.py.
    """
    if user.suspended_at is not None:
        raise Suspended(user)
    waiting.check(user)
    if user.delete_at is not None:
        raise DeletionPending(user)
    security_log.record(Kind.SIGNED_IN, user_id=user.pk, address=address)
    return user if user.deactivated_at is None else reactivate(user=user, address=address)


@transaction.atomic
def sign_out(*, user: User, session_key: str, address: str) -> None:
    """End a session for the client at `address`."""
    sessions.ended(session_key=session_key)
    publish(SignInsEnded(user_id=user.pk))
    security_log.record(Kind.SIGNED_OUT, user_id=user.pk, address=address)


def _find_login(login: str, now: datetime) -> User | None:
    user = selectors.find_login(login=login)
    return None if user is None or is_lost(user, now) else user


def is_lost(user: User, now: datetime) -> bool:
    """Return whether the account is being deleted, and cannot be brought back any more."""
    return user.delete_at is not None and user.delete_at <= now


def write_profile(*, user_id: int, values: Mapping[str, object]) -> User:
    """Write profile columns, whose values are already clean, and return the updated account.

    Call it in a transaction. Raises NotFound.
    """
    user = lock_accounts(user_id)[user_id]
    if values.get("private", user.private) != user.private:
        counts.begin_recount(user_id)
    for field, value in values.items():
        setattr(user, field, value)
    user.save(update_fields=list(values))
    return user


def change_password(*, user: User, old: str, new: str, now: datetime, address: str = "") -> None:
    """Change the password of `user` and end all sessions and tokens of the account.

    Raises WrongPassword if `old` is wrong, TooManyGuesses after many wrong ones, and WeakPassword
    if `new` is not acceptable. The given instance is refreshed, so that the view can keep the
    current session.
    """
    check_password(user, old, field="old", now=now, address=address)
    hashed = hash_password(new, user=user, field="new")
    with transaction.atomic():
        end_sign_ins(user, password=hashed)
        security_log.record(Kind.PASSWORD_CHANGED, user_id=user.pk, address=address)
        queue(letters.security_changed(_("The password was changed.")), user=user)


def set_password(*, user: User, new: str) -> None:
    """Set the password of `user` for an operator; end all sessions and tokens of the account.

    Raises WeakPassword if `new` is not acceptable.
    """
    hashed = hash_password(new, user=user, field="new")
    with transaction.atomic():
        end_sign_ins(user, password=hashed)
        security_log.record(Kind.PASSWORD_SET, user_id=user.pk)
    log.info("An operator set a new password for %s.", user)


def check_password(user: User, password: str, *, field: str, now: datetime, address: str) -> None:
    """Check a password that `user` entered again. Raises WrongPassword and TooManyGuesses."""
    if not is_storable(password) or not passwords.is_right(
        password,
        user=user,
        login=user.handle,
        address=address,
        now=now,
        failure=Kind.WRONG_PASSWORD,
    ):
        raise WrongPassword(field=field)


def deactivate(*, user: User, password: str, now: datetime, address: str = "") -> None:
    """Hide the profile and tweets of `user` until they sign in again.

    Raises WrongPassword, and TooManyGuesses after many wrong ones.
    """
    check_password(user, password, field="password", now=now, address=address)
    hide(user=user, now=now, address=address)


@transaction.atomic
def hide(*, user: User, now: datetime, address: str = "") -> None:
    """Like `deactivate`, for a caller that has made sure who asks for it."""
    end_sign_ins(user, deactivated_at=now)
    counts.begin_recount(user.pk)
    security_log.record(Kind.DEACTIVATED, user_id=user.pk, address=address)
    publish(AccountDeactivated(user_id=user.pk))


@transaction.atomic
def reactivate(*, user: User, address: str = "") -> User:
    """Undo a deactivation: the profile and tweets of `user` are visible again."""
    locked = lock_accounts(user.pk)[user.pk]
    locked.deactivated_at = None
    locked.save(update_fields=["deactivated_at"])
    counts.begin_recount(user.pk)
    security_log.record(Kind.REACTIVATED, user_id=user.pk, address=address)
    publish(AccountReturned(user_id=user.pk))
    return locked


@transaction.atomic
def suspend(*, user: User, by: User, now: datetime) -> None:
    """Sign `user` out, block sign-in, and hide their profile and tweets. Idempotent."""
    if lock_accounts(user.pk)[user.pk].suspended_at is None:
        end_sign_ins(user, suspended_at=now)
        counts.begin_recount(user.pk)
        security_log.record(Kind.SUSPENDED, user_id=user.pk)
        publish(AccountSuspended(user_id=user.pk))
        log.info("%s was suspended by %s.", user, by)


@transaction.atomic
def unsuspend(*, user: User, by: User) -> None:
    """Undo a suspension. Idempotent."""
    locked = lock_accounts(user.pk)[user.pk]
    if locked.suspended_at is not None:
        locked.suspended_at = user.suspended_at = None
        locked.save(update_fields=["suspended_at"])
        counts.begin_recount(user.pk)
        security_log.record(Kind.UNSUSPENDED, user_id=user.pk)
        publish(AccountReturned(user_id=user.pk))
        log.info("The suspension of %s was lifted by %s.", user, by)


@transaction.atomic
def limit(*, user: User, by: User, now: datetime) -> None:
    """Keep the account out of what strangers find: public lists, trends and search. Idempotent.

    Its followers read it as before, and anybody on its profile. What it does to people who do not
    follow it is filtered out of their notifications.
    """
    locked = lock_accounts(user.pk)[user.pk]
    if locked.limited_at is None:
        _set_limited(user, now)
        log.info("%s was limited by %s.", user, by)


@transaction.atomic
def unlimit(*, user: User, by: User) -> None:
    """Undo `limit`. Idempotent."""
    locked = lock_accounts(user.pk)[user.pk]
    if locked.limited_at is not None:
        _set_limited(user, None)
        log.info("The limit of %s was lifted by %s.", user, by)


def _set_limited(user: User, since: datetime | None) -> None:
    user.limited_at = since
    user.save(update_fields=["limited_at"])


def forget_expired(*, now: datetime) -> None:
    """Delete what expired by `now`: keys, tokens, sessions, unused apps, events and mails."""
    IdempotentRequest.objects.filter(created_at__lt=now - IdempotentRequest.KEPT).delete()
    TokenFamily.objects.filter(expires_at__lt=now).delete()
    oauth.forget_expired(now=now)
    Session.objects.filter(expire_date__lt=now).delete()
    sessions.forget_expired()
    security_log.forget_expired(now=now)
    mail.forget_expired(now=now)
    waiting.forget_expired(now=now)


def end_sign_ins(user: User, **changes: Any) -> None:
    """Apply `changes` to `user` and end all sessions and tokens, including access tokens.

    A change of the address that was begun ends too: its link would let in again whoever began it.
    """
    EmailAddress.objects.filter(user=user, primary=False).delete()
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1, **changes)
    TokenFamily.objects.filter(user=user).delete()
    end_sessions(user_id=user.pk)
    publish(SignInsEnded(user_id=user.pk))
    user.refresh_from_db(fields=["token_version", *changes])


def end_sessions(*, user_id: int) -> bool:
    """Delete the sessions of the site, and return whether there were any."""
    noted = SiteSession.objects.filter(user=user_id)
    keys = list(noted.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return bool(noted.delete()[0])
