"""Where an account is signed in: sessions of the site, and sign-ins through the API.

A session of the site is Django's; SiteSession has what its owner needs to recognize it. A sign-in
through the API is a TokenFamily.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import security_log
from accounts.devices import LENGTH, device_name
from accounts.events import SignInsEnded
from accounts.models import SecurityEvent, SiteSession, TokenFamily, User
from chirp import ids
from chirp.errors import NotFound
from chirp.texts import shown
from outbox.services import publish

Kind = SecurityEvent.Kind
MOST = 100  # of each kind that are listed, the latest first


@dataclass(frozen=True, slots=True)
class Here:
    """The sign-in that a request belongs to: a session of the site, or a family of tokens."""

    session_key: str = ""
    family: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One place where an account is signed in. `current` marks the one that asks."""

    id: str
    kind: Literal["site", "api"]
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


def begin(*, user: User, session_key: str, agent: str, address: str, now: datetime) -> None:
    """Note that `user` has a session of the site from now on."""
    SiteSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user,
            "agent": agent[:LENGTH],
            "address": address,
            "last_seen_at": now,
        },
    )


def seen(*, session_key: str, address: str, now: datetime) -> None:
    """Note that a session of the site was used."""
    rows = SiteSession.objects.filter(session_key=session_key)
    rows.update(address=address, last_seen_at=now)


def ended(*, session_key: str) -> None:
    """End a session of the site."""
    Session.objects.filter(session_key=session_key).delete()
    SiteSession.objects.filter(session_key=session_key).delete()


def forget_expired() -> None:
    """Forget the sessions that Django has none of any more."""
    SiteSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def sign_ins(*, user: User, here: Here, now: datetime) -> list[SignIn]:
    """Return where `user` is signed in, the one that asks first, then the latest used."""
    found = [*_on_site(user, here, now), *_by_tokens(user, here, now)]
    return sorted(found, key=lambda each: (each.current, each.last_seen_at), reverse=True)


@transaction.atomic
def end(*, user: User, sign_in_id: str, address: str) -> None:
    """End one sign-in of `user`. Raises NotFound.

    Its access token, where it has one, is valid until it expires in ten minutes.
    """
    if not (_end_session(user, sign_in_id) or _end_family(user, sign_in_id)):
        raise NotFound
    publish(SignInsEnded(user_id=user.pk))
    security_log.record(Kind.SESSION_REVOKED, user_id=user.pk, address=address)


@transaction.atomic
def end_others(*, user: User, here: Here, address: str) -> None:
    """End all sign-ins of `user` but the one that asks. Idempotent."""
    sessions = SiteSession.objects.filter(user=user).exclude(session_key=here.session_key)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    TokenFamily.objects.filter(user=user).exclude(pk=here.family or uuid.UUID(int=0)).delete()
    publish(SignInsEnded(user_id=user.pk))
    security_log.record(Kind.OTHERS_REVOKED, user_id=user.pk, address=address)


def _on_site(user: User, here: Here, now: datetime) -> Iterator[SignIn]:
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows = SiteSession.objects.filter(user=user, session_key__in=alive)
    for row in rows.order_by("-last_seen_at")[:MOST]:
        yield SignIn(
            id=str(row.pk),
            kind="site",
            device=shown(device_name(row.agent)),
            address=row.address,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            current=row.session_key == here.session_key,
        )


def _by_tokens(user: User, here: Here, now: datetime) -> Iterator[SignIn]:
    rows = TokenFamily.objects.filter(user=user, expires_at__gt=now)
    for row in rows.order_by("-last_seen_at")[:MOST]:
        yield SignIn(
            id=str(row.pk),
            kind="api",
            device=shown(device_name(row.agent)),
            address=row.address,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            current=row.pk == here.family,
        )


def _end_session(user: User, sign_in_id: str) -> bool:
    row = SiteSession.objects.filter(user=user, pk=ids.parse(sign_in_id) or 0).first()
    if row is None:
        return False
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    return True


def _end_family(user: User, sign_in_id: str) -> bool:
    try:
        family = uuid.UUID(sign_in_id)
    except ValueError:
        return False
    return bool(TokenFamily.objects.filter(user=user, pk=family).delete()[0])
