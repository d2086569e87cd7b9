"""Second factors: an authenticator app (TOTP, RFC 6238), passkeys, and recovery codes.

allauth's Authenticator holds them. A code counts once, whatever arrives at the same time: the row
is locked, the step of the last code is kept, and only later steps are accepted.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from accounts import security_log, unproven, ways_in
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.sealing import Unreadable, seal, seal_again, unseal
from chirp import errors, hooks
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.limits import guesses
from chirp.texts import text as _

Kind = SecurityEvent.Kind
Type = Authenticator.Type
PERIOD = 30  # seconds of a step
TOLERANCE = 1  # steps that a clock may be off
SEALED = {Type.TOTP: "secret", Type.RECOVERY_CODES: "seed"}  # what of their data is encrypted


class WrongCode(ChirpError):
    """The code is not one of the account, or was used before."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "wrong_code"
    message = _("This code is not right, or was used before.")
    field = "code"


class BadCode(ChirpError):
    """The code does not belong to the secret that an app was given."""

    code = "wrong_code"
    message = _("This code is not right. Is the clock of the device right?")
    field = "code"


class AlreadyOn(Conflict):
    """The account has an authenticator app."""

    message = _("There is an authenticator app already. Remove it first.")


class NoFactors(Conflict):
    """Recovery codes are of no use without a second factor."""

    message = _("Set up an authenticator app or a passkey first.")


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an account. `recovery_codes` is the number of codes left."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    recovery_codes: int

    @property
    def is_on(self) -> bool:
        """Whether a sign-in by password needs a second step."""
        return bool(self.app or self.passkeys)


def factors(*, user: User) -> Factors:
    """Return the second factors of `user`."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    codes = next((row for row in rows if row.type == Type.RECOVERY_CODES), None)
    return Factors(
        app=next((row for row in rows if row.type == Type.TOTP), None),
        passkeys=[row for row in rows if row.type == Type.WEBAUTHN],
        recovery_codes=_left(codes) if codes else 0,
    )


def is_on(*, user_id: int) -> bool:
    """Return whether a sign-in by password needs a second step."""
    return _real(user_id).exists()


def may_use_admin(user: User) -> bool:
    """Return whether `user`, who is staff, has all that REQUIRE_STAFF_MFA asks for."""
    return not settings.REQUIRE_STAFF_MFA or is_on(user_id=user.pk)


def new_secret() -> str:
    """Return a secret for an authenticator app, in Base32."""
    return str(generate_totp_secret())


def setup_uri(*, user: User, secret: str) -> str:
    """Return the address that authenticator apps read from a QR code."""
    site = hooks.ask("site.name")  # what apps show beside the handle
    label = quote(f"{site}:{user.handle}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': site})}"


def qr_code(uri: str) -> str:
    """Return a QR code as the address of an SVG image."""
    svg = get_adapter().build_totp_svg(uri)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


@transaction.atomic
def add_app(*, user: User, secret: str, code: str, now: datetime, address: str) -> list[str]:
    """Add an authenticator app that has `secret`, proven by a code of it.

    Returns new recovery codes, or nothing if the account has some. Raises BadCode, AlreadyOn and
    TooManyGuesses.
    """
    lock_accounts(user.pk)
    check_no_app(user)
    guesses.count(budget(user))
    step = _step_of("".join(code.split()), secret, now)
    if step is None:
        raise BadCode
    guesses.reset(budget(user))
    data = {"secret": seal(secret), "step": step, **unproven.mark(user)}
    Authenticator.objects.create(user=user, type=Type.TOTP, data=data)
    return added(user, Kind.APP_ADDED, _("An authenticator app was added."), address)


def check_no_app(user: User) -> None:
    """Raise AlreadyOn if the account has an authenticator app: there can be one."""
    if Authenticator.objects.filter(user=user, type=Type.TOTP).exists():
        raise AlreadyOn


def added(user: User, kind: SecurityEvent.Kind, what: str, address: str) -> list[str]:
    """Note that a factor was added, and return recovery codes if the account had none."""
    _tell(user, kind, what, address)
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return []
    return list(RecoveryCodes.activate(user).generate_codes())


@transaction.atomic
def remove(*, user: User, factor_id: int, address: str) -> None:
    """Remove an app or a passkey of `user`; with the last one, the recovery codes too.

    Raises NotFound, and OnlyWayIn for the last way to sign in.
    """
    user = lock_accounts(user.pk)[user.pk]
    factor = _real(user.pk).filter(pk=factor_id).first()
    if factor is None:
        raise NotFound
    if factor.type == Type.WEBAUTHN:
        ways_in.check_other(user, than=factor)
    factor.delete()
    if not is_on(user_id=user.pk):
        Authenticator.objects.filter(user=user).delete()
    is_app = factor.type == Type.TOTP
    removed = _("The passkey “%(name)s” was removed.", name=str(factor))
    what = _("The authenticator app was removed.") if is_app else removed
    _tell(user, Kind.FACTOR_REMOVED, what, address)


@transaction.atomic
def remove_all(*, user: User) -> None:
    """Remove all second factors of `user`, for an operator: the owner has lost them."""
    lock_accounts(user.pk)
    if Authenticator.objects.filter(user=user).delete()[0]:
        _tell(user, Kind.FACTORS_RESET, _("An operator removed all second factors."), "")


@transaction.atomic
def new_recovery_codes(*, user: User, address: str) -> list[str]:
    """Replace the recovery codes of `user`, and return the new ones. Raises NoFactors."""
    lock_accounts(user.pk)
    if not is_on(user_id=user.pk):
        raise NoFactors
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    _tell(user, Kind.CODES_REPLACED, _("The recovery codes were replaced."), address)
    return list(RecoveryCodes.activate(user).generate_codes())


def check_code(*, user: User, code: str, now: datetime, address: str) -> None:
    """Use up a code of the authenticator app or a recovery code of `user`.

    Raises WrongCode, TooManyGuesses after many wrong ones, and Unreadable. A wrong one is in the
    security log.
    """
    guesses.count(budget(user))
    given = "".join(code.split()).replace("-", "")
    if not (_use_app(user, given, now) or _use_recovery_code(user, given, now)):
        security_log.record(Kind.WRONG_CODE, user_id=user.pk, address=address)
        raise WrongCode
    guesses.reset(budget(user))


@transaction.atomic
def _use_app(user: User, code: str, now: datetime) -> bool:
    app = _locked(user, Type.TOTP)
    step = app and _step_of(code, unseal(app.data["secret"]), now)
    if app is None or step is None or step <= app.data["step"]:
        return False
    app.data["step"] = step
    app.last_used_at = now
    app.save(update_fields=["data", "last_used_at"])
    return True


@transaction.atomic
def _use_recovery_code(user: User, code: str, now: datetime) -> bool:
    codes = _locked(user, Type.RECOVERY_CODES)
    if codes is None or not RecoveryCodes(codes).validate_code(code):
        return False
    Authenticator.objects.filter(pk=codes.pk).update(last_used_at=now)
    return True


def seal_all_again() -> tuple[int, set[int]]:
    """Encrypt all secrets with the present key, after a change of SECRET_KEY.

    Returns how many there are, and the ids of the accounts whose secret no key can read.
    """
    unreadable, sealed = set[int](), 0
    rows = Authenticator.objects.filter(type__in=SEALED).order_by("pk")
    for pk, user_id in rows.values_list("pk", "user_id").iterator():
        try:
            sealed += _seal_again(pk)
        except Unreadable:
            unreadable.add(user_id)
    return sealed, unreadable


@transaction.atomic
def _seal_again(pk: int) -> int:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:  # removed meanwhile
        return 0
    name = SEALED[row.type]
    row.data[name] = seal_again(row.data[name])
    row.save(update_fields=["data"])
    return 1


def _left(codes: Authenticator) -> int:
    """Count the recovery codes that were not used yet."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data["used_mask"]).bit_count()


def _locked(user: User, kind: str) -> Authenticator | None:
    return Authenticator.objects.select_for_update().filter(user=user, type=kind).first()


def _real(user_id: int) -> QuerySet[Authenticator]:
    """Factors that make a second step necessary. Recovery codes only replace them."""
    rows = Authenticator.objects.filter(user=user_id)
    real: QuerySet[Authenticator] = rows.filter(type__in=(Type.TOTP, Type.WEBAUTHN))
    return real


def _step_of(code: str, secret: str, now: datetime) -> int | None:
    """Return the step that a code is of, or None for a wrong one."""
    for step in _steps(now):
        if constant_time_compare(code, format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def _steps(now: datetime) -> Iterator[int]:
    current = int(now.timestamp()) // PERIOD
    yield from range(current - TOLERANCE, current + TOLERANCE + 1)


def budget(user: User) -> str:
    """Return the budget of guesses of the second step, for chirp.limits.guesses."""
    return f"second-factor\n{user.pk}"


def _tell(user: User, kind: SecurityEvent.Kind, what: str, address: str) -> None:
    security_log.record(kind, user_id=user.pk, address=address)
    queue(letters.security_changed(what), user=user)
