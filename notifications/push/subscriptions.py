"""Subscribe devices, change what they hear of, and take them out again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import sealing
from accounts.devices import device_name
from accounts.locks import lock_accounts
from accounts.models import SiteSession, TokenFamily, User
from accounts.oauth.models import AppToken
from accounts.signed_in import SignedIn
from chirp.errors import ChirpError, NotAllowed, NotFound
from chirp.outbound.addresses import PORTS, URL_LENGTH, host_of, is_public, normalized
from chirp.texts import shown
from chirp.texts import text as _
from notifications.kinds import MARKS, Kind
from notifications.push.encryption import BadKey, auth_of, point_of
from notifications.push.models import PushSubscription

Policy = PushSubscription.Policy
MOST = 20  # of one account; the oldest give way
# What a device hears of unless its owner chooses: not what is frequent.
KINDS = tuple(kind for kind in Kind if kind not in MARKS)


class BadEndpoint(ChirpError):
    """The address is none that a push service can have."""

    message = _(
        "Must be an https address on the usual port, of at most %(most)s characters.",
        most=URL_LENGTH,
    )
    field = "endpoint"


class BadDeviceKey(ChirpError):
    """The public key of the device is not one."""

    message = _("Must be a public key of the curve P-256: 65 bytes in base64url.")
    field = "p256dh"


class BadAuth(ChirpError):
    """The secret of the device is not one."""

    message = _("Must be 16 bytes in base64url.")
    field = "auth"


class NotSignedInHere(NotAllowed):
    """The sign-in to which the device would belong has ended, or is not known."""

    message = _("Log in again. Then this device can get notifications.")


class Device(NamedTuple):
    """Where a device is reached, and its keys, as clients send them: base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A device in the list of its owner. `current` marks the one that asks."""

    row: PushSubscription
    name: str
    current: bool


def subscribe(
    *,
    user: User,
    here: SignedIn,
    device: Device,
    kinds: Collection[str] | None = None,
    policy: str | None = None,
    standard: bool = True,
    token: str = "",
) -> PushSubscription:
    """Let a device get notifications for as long as this sign-in lasts, and return its row.

    A sign-in has one device: another one takes its place. What is left out stays as it was. An
    account has MOST devices, and the oldest give way. Raises BadEndpoint, BadDeviceKey, BadAuth and
    NotSignedInHere.
    """
    values = {**_checked(device), "standard": standard, **_chosen(kinds, policy)}
    if token:
        values["token"] = sealing.seal(token)
    fresh = {"succeeded_at": None, "failures": 0, "failing_since": None, "resume_at": None}
    with transaction.atomic():
        lock_accounts(user.pk)
        place = _place(user, here)
        if here.app_token_id is None:
            _forget_elsewhere(values["endpoint"], place)
        first = {"kinds": [str(kind) for kind in KINDS], **values}
        row, _created = PushSubscription.objects.update_or_create(
            **place, defaults={**values, **fresh}, create_defaults={"user": user, **first}
        )
        old = PushSubscription.objects.filter(user=user).exclude(pk=row.pk).order_by("-pk")
        _delete(list(old.values_list("pk", flat=True)[MOST - 1 :]))
    row.refresh_from_db()
    return row


def change(
    *, user: User, here: SignedIn, kinds: Collection[str] | None = None, policy: str | None = None
) -> PushSubscription:
    """Change what the device of this sign-in hears of, and return its row. Raises NotFound."""
    if chosen := _chosen(kinds, policy):
        _mine(user, here).update(**chosen)
    return current(user=user, here=here)


def current(*, user: User, here: SignedIn) -> PushSubscription:
    """Return the device of this sign-in. Raises NotFound if there is none."""
    row = _mine(user, here).first()
    if row is None:
        raise NotFound
    return row


def subscribed(*, user: User, here: SignedIn) -> list[Subscribed]:
    """Return the devices of an account, that of this sign-in first, then the newest. One query."""
    rows = PushSubscription.objects.filter(user=user).select_related(
        "session", "family", "app_token__app"
    )
    found = [described(row, here=here) for row in rows.order_by("-pk")]
    return sorted(found, key=lambda each: not each.current)


def described(row: PushSubscription, *, here: SignedIn) -> Subscribed:
    """Return a device as its owner is shown it. The row of its sign-in is loaded if need be."""
    return Subscribed(row, _name(row), _is_of(row, here))


def unsubscribe(*, user: User, subscription_id: int) -> None:
    """Take a device of the user out. Raises NotFound."""
    if not PushSubscription.objects.filter(user=user, pk=subscription_id).delete()[0]:
        raise NotFound


def unsubscribe_here(*, user: User, here: SignedIn) -> None:
    """Take the device of this sign-in out. Idempotent."""
    _mine(user, here).delete()


def who(row: PushSubscription) -> SignedIn:
    """Return the sign-in to which a device belongs. Its rows must be loaded with it."""
    version = row.app_token.user_version if row.app_token else row.user.token_version
    return SignedIn(
        row.user_id,
        version,
        session_key=row.session.session_key if row.session else "",
        family=row.family_id,
        app_token_id=row.app_token_id,
        expires=int(row.family.expires_at.timestamp()) if row.family else None,
    )


def drop_failing(*, before: datetime, failures: int) -> None:
    """Take out the devices that have failed so often, for the first time before this moment."""
    PushSubscription.objects.filter(failures__gte=failures, failing_since__lt=before).delete()


def _checked(device: Device) -> dict[str, object]:
    endpoint = normalized(device.endpoint) if len(device.endpoint) <= URL_LENGTH else None
    if endpoint is None or not _is_acceptable(endpoint):
        raise BadEndpoint
    try:
        device_key = point_of(device.p256dh)
    except BadKey:
        raise BadDeviceKey from None
    try:
        auth = auth_of(device.auth)
    except BadKey:
        raise BadAuth from None
    return {"endpoint": endpoint, "device_key": device_key, "auth": auth}


def _is_acceptable(endpoint: str) -> bool:
    """Whether it is an https address. To which network a name leads shows at each request."""
    parts = urlsplit(endpoint)
    if parts.netloc in settings.OUTBOUND_TEST_SERVERS:
        return True
    host = host_of(endpoint)
    is_number = host.rpartition(".")[2].isdigit()
    is_usual = parts.scheme == "https" and parts.port in (None, PORTS["https"])
    return is_usual and (is_public(host) or not is_number)


def _chosen(kinds: Collection[str] | None, policy: str | None) -> dict[str, object]:
    chosen: dict[str, object] = {}
    if kinds is not None:
        chosen["kinds"] = [str(kind) for kind in Kind if kind in kinds]
    if policy is not None:
        chosen["policy"] = Policy(policy)
    return chosen


def _place(user: User, here: SignedIn) -> dict[str, object]:
    """The row of the sign-in, by the field that refers to it. Raises NotSignedInHere."""
    if here.app_token_id is not None:
        found: object = AppToken.objects.filter(user=user, pk=here.app_token_id).first()
        name = "app_token"
    elif here.family is not None:
        found, name = TokenFamily.objects.filter(user=user, pk=here.family).first(), "family"
    else:
        rows = SiteSession.objects.filter(user=user, session_key=here.session_key)
        found, name = rows.first(), "session"
    if found is None:
        raise NotSignedInHere
    return {name: found}


def _forget_elsewhere(endpoint: object, place: dict[str, object]) -> None:
    """Delete the other subscriptions of a browser: it has one endpoint, for one account.

    Apps are left out: one endpoint may serve several accounts there.
    """
    others = PushSubscription.objects.filter(endpoint=endpoint, app_token=None).exclude(**place)
    _delete(list(others.values_list("pk", flat=True)))


def _delete(ids: list[int]) -> None:
    if ids:
        PushSubscription.objects.filter(pk__in=ids).delete()


def _mine(user: User, here: SignedIn) -> "QuerySet[PushSubscription]":
    if here.app_token_id is not None:
        return PushSubscription.objects.filter(user=user, app_token=here.app_token_id)
    if here.family is not None:
        return PushSubscription.objects.filter(user=user, family=here.family)
    of_session = Q(session__session_key=here.session_key)
    return PushSubscription.objects.filter(of_session, user=user)


def _is_of(row: PushSubscription, here: SignedIn) -> bool:
    if row.session is not None:
        return row.session.session_key == here.session_key
    if row.family_id is not None:
        return row.family_id == here.family
    return row.app_token_id == here.app_token_id


def _name(row: PushSubscription) -> str:
    if row.app_token is not None:
        return row.app_token.app.name
    seat = row.session or row.family
    assert seat is not None
    return shown(device_name(seat.agent))
