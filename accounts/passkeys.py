"""Passkeys of accounts: adding and renaming them, and what they prove.

A passkey signs in without a password if its device checks that it is its owner. It is also a second
step after the password, and confirms who somebody is before something important is changed.

allauth's Authenticator holds them. A challenge counts once, whatever arrives at the same time: the
row is locked, and the last challenge that it answered is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

from accounts import (
    challenges,
    factors,
    security_log,
    selectors,
    services,
    unproven,
    webauthn,
)
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.webauthn import Ceremony, Site, WrongPasskey
from chirp import errors, ids
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.limits import guesses
from chirp.plain_text import clean_line
from chirp.texts import ntext
from chirp.texts import text as _

Kind = SecurityEvent.Kind
MOST = 20  # passkeys of an account
NAME_LENGTH = 50
VALID = timedelta(minutes=10)


class Purpose(StrEnum):
    """What a ceremony is for. An answer to one is of no use for another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered: JSON, with the state of the ceremony, and the client's address."""

    text: str
    site: Site
    state: Any  # as the caller has kept it: none, or of another ceremony
    now: datetime
    address: str


class TooLate(ChirpError):
    """Nothing was asked of the browser, or too long ago, or it has answered before."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "bad_challenge"
    message = _("That took too long. Please try again.")


class AlreadyAdded(Conflict):
    """The account has this passkey."""

    message = _("This passkey is one of your account already.")


class TooMany(Conflict):
    """The account has as many passkeys as it may."""

    message = ntext(
        "At most %(num)s passkeys. Remove one first.",
        "At most %(num)s passkeys. Remove one first.",
        MOST,
    )


class NoPasskeys(Conflict):
    """The account has no passkey that could prove anything."""

    message = _("The account has no passkey.")


class Copied(WrongPasskey):
    """The counter of the authenticator went back: somebody may have copied the passkey."""

    code = "passkey_copied"
    message = _("This passkey is refused: its counter shows that there may be a copy of it.")


def begin_adding(*, user: User, site: Site, now: datetime) -> Ceremony:
    """Begin to add a passkey to `user`. Raises TooMany."""
    rows = list(_passkeys(user))
    if len(rows) >= MOST:
        raise TooMany
    known = [_key(row) for row in rows]
    begun = webauthn.creation(
        site, user_id=user.pk, handle=user.handle, name=user.display_name, known=known
    )
    return _for(begun, Purpose.ADD, user, now)


@transaction.atomic
def add(*, user: User, name: str, answer: Answer) -> list[str]:
    """Add the passkey that the browser made.

    Returns new recovery codes, or nothing if the account has some. Raises TooLate, BadAnswer,
    BadText, AlreadyAdded and TooMany.
    """
    name = clean_name(name)
    new = webauthn.created(answer.site, _opened(answer, Purpose.ADD, user), answer.text)
    lock_accounts(user.pk)
    rows = _passkeys(user)
    if rows.filter(data__credential__rawId=new.id).exists():
        raise AlreadyAdded
    if rows.count() >= MOST:
        raise TooMany
    data = {"name": name, "credential": new.credential, "counter": new.counter}
    data |= unproven.mark(user)
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
    what = _("The passkey “%(name)s” was added.", name=name)
    return factors.added(user, Kind.PASSKEY_ADDED, what, answer.address)


@transaction.atomic
def rename(*, user: User, passkey_id: int, name: str) -> None:
    """Give a passkey of `user` another name. Raises NotFound and BadText."""
    row = _passkeys(user).select_for_update().filter(pk=passkey_id).first()
    if row is None:
        raise NotFound
    row.data["name"] = clean_name(name)
    row.save(update_fields=["data"])


def find(*, user: User, passkey_id: int) -> Authenticator:
    """Return a passkey of `user`. Raises NotFound."""
    row = _passkeys(user).filter(pk=passkey_id).first()
    if row is None:
        raise NotFound
    return row


def clean_name(name: str) -> str:
    """Return the name of a passkey as it is stored. Raises BadText."""
    return clean_line(name, field="name", limit=NAME_LENGTH) or "Passkey"


def begin_sign_in(*, site: Site, now: datetime) -> Ceremony:
    """Begin to sign in with a passkey alone: the browser knows whose there are."""
    return _for(webauthn.request(site, known=[], verify=True), Purpose.SIGN_IN, None, now)


def begin_proof(*, user: User, purpose: Purpose, site: Site, now: datetime) -> Ceremony:
    """Begin to prove, for SECOND_STEP or CONFIRM, that one is `user`. Raises NoPasskeys."""
    known = [_key(row) for row in _passkeys(user)]
    if not known:
        raise NoPasskeys
    # In the second step the password has proven who it is, in place of a PIN.
    begun = webauthn.request(site, known=known, verify=purpose == Purpose.CONFIRM)
    return _for(begun, purpose, user, now)


def sign_in(*, answer: Answer) -> User:
    """Return the user whose passkey signs in, without a password or a second step.

    Reactivates a deactivated account. Raises TooLate, BadAnswer, WrongPasskey, and what
    services.signed_in does.
    """
    state, proof = _opened(answer, Purpose.SIGN_IN, None), webauthn.parse(answer.text)
    user = _owner(proof, answer.now)
    _use(user, state, proof, answer)
    return services.signed_in(user=user, address=answer.address)


def finish_sign_in(*, challenge: str, answer: Answer) -> User:
    """Return the user whose sign-in began with `challenge`, by a passkey as the second step.

    Raises BadChallenge, TooLate, BadAnswer, WrongPasskey, TooManyGuesses after many wrong ones, and
    what services.signed_in does.
    """
    user = challenges.user_of(challenge)
    state = _opened(answer, Purpose.SECOND_STEP, user)
    guesses.count(factors.budget(user))
    _use(user, state, webauthn.parse(answer.text), answer)
    guesses.reset(factors.budget(user))
    return services.signed_in(user=user, address=answer.address)


def confirm(*, user: User, answer: Answer) -> None:
    """Check that it is `user` who is signed in. Raises TooLate, BadAnswer and WrongPasskey."""
    state = _opened(answer, Purpose.CONFIRM, user)
    _use(user, state, webauthn.parse(answer.text), answer)


def _use(user: User, state: dict[str, Any], proof: AuthenticationResponse, answer: Answer) -> None:
    """Use a passkey of `user` for the challenge in `state`; note in the log what was refused."""
    try:
        with transaction.atomic():
            row = _locked(user, proof)
            counter = webauthn.check(answer.site, state, proof, _key(row))
            _note_use(row, counter, state["challenge"], answer.now)
    except Copied:
        security_log.record(Kind.PASSKEY_COPIED, user_id=user.pk, address=answer.address)
        with transaction.atomic():
            queue(letters.passkey_copied(), user=user)
        raise
    except WrongPasskey:
        security_log.record(Kind.WRONG_PASSKEY, user_id=user.pk, address=answer.address)
        raise


def _note_use(row: Authenticator, counter: int, challenge: str, now: datetime) -> None:
    """Note the use of a passkey. Raises Copied, and WrongPasskey if it answered this before."""
    if challenge == row.data.get("challenge"):
        raise WrongPasskey
    # Many authenticators do not count: theirs is always 0.
    if (counter or row.data["counter"]) and counter <= row.data["counter"]:
        raise Copied
    row.data |= {"counter": counter, "challenge": challenge}
    row.last_used_at = now
    row.save(update_fields=["data", "last_used_at"])


def _locked(user: User, proof: AuthenticationResponse) -> Authenticator:
    rows = _passkeys(user).select_for_update()
    row = rows.filter(data__credential__rawId=websafe_encode(proof.raw_id)).first()
    if row is None:
        raise WrongPasskey
    return row


def _owner(proof: AuthenticationResponse, now: datetime) -> User:
    """Return the account that a passkey says it is of. Raises WrongPasskey."""
    handle = proof.response.user_handle or b""
    user_id = ids.parse(handle.decode("ascii", "replace"))
    user = selectors.find_user(user_id=user_id or 0)
    if user is None or services.is_lost(user, now):
        raise WrongPasskey
    return user


def _for(begun: Ceremony, purpose: Purpose, user: User | None, now: datetime) -> Ceremony:
    """Note in the state of a ceremony what it is for, and when it began."""
    more = {"for": str(purpose), "user": user and user.pk, "at": now.timestamp()}
    return Ceremony(begun.options, {**begun.state, **more})


def _opened(answer: Answer, purpose: Purpose, user: User | None) -> dict[str, Any]:
    """Return the state of a ceremony that was for this. Raises TooLate."""
    state, now = answer.state, answer.now.timestamp()
    if not isinstance(state, dict) or now - state["at"] > VALID.total_seconds():
        raise TooLate
    if (state["for"], state["user"]) != (purpose, user and user.pk):
        raise TooLate
    return state


def _passkeys(user: User) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.WEBAUTHN
    )
    return rows.order_by("pk")


def _key(row: Authenticator) -> AttestedCredentialData:
    key: AttestedCredentialData = row.wrap().authenticator_data.credential_data
    return key
