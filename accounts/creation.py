"""Create accounts: validate, hash the password, insert.

This module is below the models, because the manager of accounts uses it too. The account class is
an argument.
"""

import unicodedata
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from accounts import sql, validation
from chirp import hooks
from chirp.errors import ChirpError, Conflict
from chirp.plain_text import is_storable
from chirp.texts import ntext
from chirp.texts import text as _

AccountT = TypeVar("AccountT", bound=AbstractBaseUser)


class HandleTaken(Conflict):
    """Another account has this handle, regardless of case, or one that was deleted had it."""

    code = "handle_taken"
    message = _("This handle is taken.")
    field = "handle"


class EmailTaken(Conflict):
    """Another account has this e-mail address, regardless of case."""

    code = "email_taken"
    message = _("There is an account with this e-mail address.")
    field = "email"


class WeakPassword(ChirpError):
    """The password is too easy to guess, too long, or has characters that cannot be stored."""

    code = "weak_password"
    field = "password"


def create(
    account_class: type[AccountT], *, handle: str, email: str, password: str | None, name: str = ""
) -> AccountT:
    """Create an account. Without a password, the account has an unusable one.

    Raises BadHandle, ReservedHandle, BadEmail, BadText or WeakPassword for invalid input, and
    HandleTaken or EmailTaken if another account has them, even one that is created concurrently.
    """
    hooks.run("account.naming", text=handle, field="handle")
    account = account_class(
        handle=validation.clean_handle(handle),
        email=validation.clean_email(email),
        name=validation.clean_name(name),
    )
    if password is None:
        account.set_unusable_password()
    else:
        account.password = hash_password(password, user=account)
    with transaction.atomic():
        _insert(account, handle)
        if _is_retired(account.handle):  # type: ignore[attr-defined]
            raise HandleTaken
    return account


def retired_hash(handle: str, *, key: str | None = None) -> str:
    """Return by what the handle of a deleted account is recognized, with a secret key of the site.

    Without the key, nobody finds out whether a handle is among them.
    """
    salt = "accounts.retired"
    return salted_hmac(salt, handle.lower(), secret=key, algorithm="sha256").hexdigest()


def _is_retired(handle: str) -> bool:
    # After the insert, which waits for a transaction that is deleting the account.
    with connection.cursor() as cursor:
        keys = [None, *settings.SECRET_KEY_FALLBACKS]
        cursor.execute(sql.IS_RETIRED, [[retired_hash(handle, key=key) for key in keys]])
        return bool(cursor.fetchone()[0])


def _insert(account: AbstractBaseUser, handle: str) -> None:
    values = _column_values(account)
    query = sql.INSERT_ACCOUNT.format(
        columns=", ".join(values), values=", ".join(["%s"] * len(values))
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_ADDRESS, [values["email"]])
        cursor.execute(query, list(values.values()))
        inserted = cursor.fetchone()
        if inserted is None:
            cursor.execute(sql.IS_HANDLE_TAKEN, [handle])
            raise HandleTaken if cursor.fetchone() == (True,) else EmailTaken
    account.pk, account.created_at = inserted  # type: ignore[attr-defined]
    account._state.adding = False


def _column_values(account: AbstractBaseUser) -> dict[str, Any]:
    """The columns of a new account that Postgres does not fill in itself."""
    return {
        field.attname: field.get_db_prep_save(getattr(account, field.attname), connection)
        for field in account._meta.concrete_fields
        if not field.primary_key and not field.has_db_default()
    }


def normalized_password(password: str) -> str:
    """Return the password in the form that is hashed: keyboards differ in how they compose letters.

    It is NFKC, as NIST SP 800-63B recommends. Every password that is set or checked goes through
    this.
    """
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str, *, user: AbstractBaseUser, field: str = "password") -> str:
    """Return the hash of a new password of `user`. Raises WeakPassword, which names `field`."""
    password = normalized_password(password)
    if len(password) > validation.PASSWORD_LENGTH or not is_storable(password):
        raise WeakPassword(
            ntext(
                "At most %(num)s valid characters.",
                "At most %(num)s valid characters.",
                validation.PASSWORD_LENGTH,
            ),
            field=field,
        )
    try:
        validate_password(password, user)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field=field) from None
    return make_password(password)
