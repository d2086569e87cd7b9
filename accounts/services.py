"""Writes about one person: register, sign in, profile, password, leave, come back, suspend.

What is between two people is in `people.services`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import selectors, validation
from accounts.events import AccountDeactivated, AccountReturned, AccountSuspended
from accounts.locks import lock_accounts
from accounts.models import IdempotentRequest, TokenFamily, User
from chirp.errors import ChirpError, Conflict, Kind, NotAllowed
from chirp.plain_text import is_storable
from outbox.services import publish

log = logging.getLogger(__name__)


class HandleTaken(Conflict):
    """Somebody has this handle, whatever its case."""

    code = "handle_taken"
    message = "This handle is taken."
    field = "handle"


class EmailTaken(Conflict):
    """Somebody has this e-mail address, whatever its case."""

    code = "email_taken"
    message = "There is an account with this e-mail address."
    field = "email"


class WeakPassword(ChirpError):
    """The password is one that is easily guessed."""

    code = "weak_password"
    field = "password"


TAKEN: dict[str | None, type[Conflict]] = {
    "user_handle_unique": HandleTaken,
    "user_email_unique": EmailTaken,
}


def register(*, handle: str, email: str, password: str, name: str = "") -> User:
    """Make an account.

    BadHandle, ReservedHandle, BadEmail, BadText or WeakPassword for what cannot be; HandleTaken or
    EmailTaken when somebody was first, be it by a moment.
    """
    user = _candidate(handle, email, name)
    user.password = _hashed(password, user=user)
    return _saved(user)


def register_without_password(*, handle: str, email: str, name: str = "") -> User:
    """Make an account that nobody can sign in to until an operator gives it a password.

    For people who are brought in from elsewhere. Raises what `register` does.
    """
    user = _candidate(handle, email, name)
    user.set_unusable_password()
    return _saved(user)


def register_many_without_password(handles: Sequence[str], *, email_domain: str) -> None:
    """The same for many handles, which are valid and not taken. One query."""
    users = [User(handle=handle, email=f"{handle.lower()}@{email_domain}") for handle in handles]
    for user in users:
        user.set_unusable_password()
    User.objects.bulk_create(users)


def _candidate(handle: str, email: str, name: str) -> User:
    return User(
        handle=validation.clean_handle(handle),
        email=validation.clean_email(email),
        name=validation.clean_name(name),
    )


def _saved(user: User) -> User:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        taken = TAKEN.get(_violated(error))
        if taken is None:
            raise
        raise taken from None
    return user


def _violated(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _hashed(password: str, *, user: User, field: str = "password") -> str:
    if len(password) > validation.PASSWORD_LENGTH or not is_storable(password):
        raise WeakPassword(f"At most {validation.PASSWORD_LENGTH} proper characters.", field=field)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field=field) from None
    return make_password(password)


class BadCredentials(ChirpError):
    """Nobody has this login, or it goes with another password: the two look the same."""

    kind = Kind.UNAUTHENTICATED
    code = "bad_credentials"
    message = "Wrong handle, e-mail address or password."


class Suspended(NotAllowed):
    """The password is right, and the account is suspended."""

    code = "suspended"
    message = "This account is suspended."


class WrongPassword(NotAllowed):
    """Somebody signed in gave another password than theirs."""

    code = "wrong_password"
    message = "The password is wrong."
    field = "password"


def sign_in(*, login: str, password: str, now: datetime) -> User:
    """The person with this handle or e-mail address and this password.

    Those who deactivated their account come back by this, within the grace period. BadCredentials
    for everything that is wrong, with the same work; Suspended only for the right password.
    """
    if not (is_storable(login) and is_storable(password)):
        raise BadCredentials
    user = selectors.find_login(login=login)
    if user is None:
        make_password(password)  # as long as a comparison takes, so that time tells nothing
        raise BadCredentials
    if not user.check_password(password) or _is_too_late(user, now):
        raise BadCredentials
    if user.suspended_at is not None:
        raise Suspended
    return user if user.deactivated_at is None else reactivate(user=user)


def _is_too_late(user: User, now: datetime) -> bool:
    grace = timedelta(days=settings.DEACTIVATED_GRACE_DAYS)
    return user.deactivated_at is not None and user.deactivated_at < now - grace


def write_profile(*, user_id: int, values: Mapping[str, object]) -> User:
    """Write columns of a profile, whose values are clean, and return the account as it is now."""
    person = lock_accounts(user_id)[user_id]
    for field, value in values.items():
        setattr(person, field, value)
    person.save(update_fields=list(values))
    return person


def change_password(*, user: User, old: str, new: str) -> None:
    """Give `user` another password; every other sign-in of theirs ends.

    WrongPassword when `old` is not theirs, WeakPassword when `new` is easily guessed. The given
    instance is brought up to date, so that the session that asked can be kept.
    """
    _check_password(user, old, field="old")
    hashed = _hashed(new, user=user, field="new")
    with transaction.atomic():
        _end_sign_ins(user, password=hashed)


def set_password(*, user: User, new: str) -> None:
    """Give `user` another password on an operator's word; every sign-in of theirs ends.

    WeakPassword when `new` is easily guessed.
    """
    hashed = _hashed(new, user=user, field="new")
    with transaction.atomic():
        _end_sign_ins(user, password=hashed)
    log.info("%s was given a new password by an operator.", user)


def _check_password(user: User, password: str, *, field: str = "password") -> None:
    if not is_storable(password) or not user.check_password(password):
        raise WrongPassword(field=field)


def deactivate(*, user: User, password: str, now: datetime) -> None:
    """Hide everything of `user` until they sign in again. Raises WrongPassword."""
    _check_password(user, password)
    with transaction.atomic():
        _end_sign_ins(user, deactivated_at=now)
        publish(AccountDeactivated(user_id=user.pk))


@transaction.atomic
def reactivate(*, user: User) -> User:
    """Undo a deactivation: everything of `user` is back."""
    person = lock_accounts(user.pk)[user.pk]
    person.deactivated_at = None
    person.save(update_fields=["deactivated_at"])
    publish(AccountReturned(user_id=user.pk))
    return person


@transaction.atomic
def suspend(*, user: User, by: User, now: datetime) -> None:
    """Shut `user` out and hide everything of theirs. Twice is the same as once."""
    if lock_accounts(user.pk)[user.pk].suspended_at is None:
        _end_sign_ins(user, suspended_at=now)
        publish(AccountSuspended(user_id=user.pk))
        log.info("%s was suspended by %s.", user, by)


@transaction.atomic
def unsuspend(*, user: User, by: User) -> None:
    """Undo a suspension. Twice is the same as once."""
    person = lock_accounts(user.pk)[user.pk]
    if person.suspended_at is not None:
        person.suspended_at = user.suspended_at = None
        person.save(update_fields=["suspended_at"])
        publish(AccountReturned(user_id=user.pk))
        log.info("The suspension of %s was lifted by %s.", user, by)


def forget_expired(*, now: datetime) -> None:
    """Remove what counts no more at `now`: kept answers, sign-ins through the API, and sessions."""
    IdempotentRequest.objects.filter(created_at__lt=now - IdempotentRequest.KEPT).delete()
    TokenFamily.objects.filter(expires_at__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()


def _end_sign_ins(user: User, **changes: Any) -> None:
    """Change `user` and end all their sessions and tokens with that, access tokens included."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1, **changes)
    TokenFamily.objects.filter(user=user).delete()
    user.refresh_from_db(fields=["token_version", *changes])
