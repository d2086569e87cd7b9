"""What a provider's word about somebody does: sign in, register, connect, confirm.

allauth's SocialAccount says which account belongs to whom. Its `provider` is the issuer, so that
another provider in the settings never signs anybody in to accounts of the first.
"""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import (
    emails,
    factors,
    registration,
    security_log,
    services,
    unproven,
    ways_in,
)
from accounts.locks import lock_accounts
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from accounts.registration import SignedUp
from accounts.sso import config
from accounts.sso.client import Identity, SsoFailed
from accounts.validation import canonical_email
from chirp.errors import ChirpError, Conflict, NotAllowed
from chirp.texts import text as _

Kind = SecurityEvent.Kind
FRESH = 300  # seconds for which a proof counts


class Unknown(ChirpError):
    """Nobody has connected this identity to an account: see `register`."""

    code = "sso_unknown"
    message = _("Choose a handle to go on.")


class AddressInUse(Conflict):
    """An account has the address, and nothing proves that it is the same person."""

    code = "sso_address_in_use"
    message = _(
        "There is an account with your e-mail address. Log in to it as you always do, then connect "
        "it in your settings, under Security."
    )


class NoAddress(ChirpError):
    """The provider tells no e-mail address."""

    code = "sso_no_address"
    message = _("The server that you log in with does not tell your e-mail address.")


class ConnectedElsewhere(Conflict):
    """Another account is connected to this identity, or this account to another identity."""

    code = "sso_connected_elsewhere"
    message = _("This sign-on belongs to another account, or your account to another sign-on.")


class TooLate(NotAllowed):
    """The account is being deleted."""

    code = "deleted"
    message = _("This account is being deleted, and cannot come back.")


def sign_in(*, identity: Identity, now: datetime, address: str) -> User:
    """Return the account that belongs to an identity.

    Raises Unknown, AddressInUse, TooLate, and what services.sign_in does for a right password:
    Suspended, SecondStepNeeded, DeletionPending, NotApproved, NotConfirmed.
    """
    user = _owner(identity) or _linked(identity, address)
    if services.is_lost(user, now):
        raise TooLate
    if factors.is_on(user_id=user.pk) and not _provider().has_second_factor:
        raise services.SecondStepNeeded(user)
    return services.signed_in(user=user, address=address)


def register(
    *,
    identity: Identity,
    handle: str,
    name: str,
    now: datetime,
    address: str,
    invitation: str = "",
    reason: str = "",
) -> SignedUp:
    """Create an account for an identity, without a password.

    Raises what registration.sign_up_as does, NoAddress, and AddressInUse.
    """
    if not identity.email:
        raise NoAddress
    if _owner(identity) is not None:
        raise ConnectedElsewhere
    provider = _provider()
    is_confirmed = provider.links_by_email and identity.email_verified
    with transaction.atomic():
        new = registration.sign_up_as(
            handle=handle,
            email=identity.email,
            password=None,
            name=name,
            now=now,
            address=address,
            invitation=invitation,
            reason=reason,
            admitted=provider.admits,
            confirmed=is_confirmed,
        )
        _connect(new.user, identity)
    return new


@transaction.atomic
def connect(*, user: User, identity: Identity, address: str) -> None:
    """Let an identity sign in to the account of `user`. Idempotent. Raises ConnectedElsewhere."""
    lock_accounts(user.pk)
    owner, mine = _owner(identity), _connected(user).first()
    if owner is not None and owner.pk == user.pk:
        return
    if owner is not None or mine is not None:
        raise ConnectedElsewhere
    _connect(user, identity)
    _tell(user, Kind.SSO_CONNECTED, _("Single sign-on was connected."), address)


@transaction.atomic
def disconnect(*, user: User, address: str) -> None:
    """Let nobody sign in to this account by the provider any more. Idempotent.

    Raises ways_in.OnlyWayIn.
    """
    user = lock_accounts(user.pk)[user.pk]
    row = _connected(user).first()
    if row is None:
        return
    ways_in.check_other(user, than=row)
    row.delete()
    _tell(user, Kind.SSO_DISCONNECTED, _("Single sign-on was disconnected."), address)


def confirm(*, user: User, identity: Identity, now: datetime) -> None:
    """Check that `user` has just proven to the provider who they are. Raises SsoFailed."""
    owner = _owner(identity)
    is_fresh = now.timestamp() - identity.proven_at <= FRESH
    if owner is None or owner.pk != user.pk or not is_fresh:
        raise SsoFailed


def is_connected(user: User) -> bool:
    """Return whether the provider signs in to this account."""
    return _connected(user).exists()


def _provider() -> config.Provider:
    provider = config.provider()
    if provider is None:
        raise SsoFailed
    return provider


def _owner(identity: Identity) -> User | None:
    row = _rows(identity.issuer).filter(uid=identity.subject).select_related("user").first()
    owner: User | None = None if row is None else row.user
    return owner


def _linked(identity: Identity, address: str) -> User:
    """Connect the account that has the address, which both the provider and we have verified.

    Without our part, somebody could register the address of another person beforehand, and keep
    the password. Raises Unknown and AddressInUse.
    """
    users = User.objects.by_email(identity.email) if identity.email else User.objects.none()
    user: User | None = users.first()
    if user is None:
        raise Unknown
    is_proven = identity.email_verified and _provider().links_by_email
    is_theirs = canonical_email(identity.email).lower() == user.email.lower()
    if not (is_proven and is_theirs and emails.is_verified(user)) or is_connected(user):
        raise AddressInUse
    connect(user=user, identity=identity, address=address)
    return user


def _connect(user: User, identity: Identity) -> None:
    values = {"provider": identity.issuer, "uid": identity.subject}
    new = {"user": user, "extra_data": unproven.mark(user)}
    _row, created = SocialAccount.objects.get_or_create(**values, defaults=new)
    if not created:  # by another request, meanwhile
        raise ConnectedElsewhere


def _rows(issuer: str) -> "QuerySet[SocialAccount]":
    rows: QuerySet[SocialAccount] = SocialAccount.objects.filter(provider=issuer)
    return rows


def _connected(user: User) -> "QuerySet[SocialAccount]":
    return _rows(settings.OIDC_ISSUER).filter(user=user)


def _tell(user: User, kind: SecurityEvent.Kind, what: str, address: str) -> None:
    security_log.record(kind, user_id=user.pk, address=address)
    queue(letters.security_changed(what), user=user)
