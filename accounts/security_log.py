"""The security log of accounts: who signed in, or failed to, from where, and what was changed."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import SecurityEvent, User
from chirp.limits.addresses import networks
from chirp.pagination import Page, PageRequest, paginate

Kind = SecurityEvent.Kind


def record(kind: Kind, *, user_id: int, address: str = "") -> None:
    """Record what happened to an account, and the client's address, if it was a client."""
    network = networks(address)[0]
    SecurityEvent.objects.create(user_id=user_id, kind=kind, address=address, network=network)


def events(*, user: User, page: PageRequest) -> Page[SecurityEvent]:
    """Return what happened to the account of `user`, the latest first."""
    return paginate(SecurityEvent.objects.filter(user=user), page=page)


def has_signed_in_from(address: str, *, user_id: int, now: datetime) -> bool:
    """Whether the account was signed in to from this network, within SecurityEvent.KEPT."""
    return (
        _kept(now)
        .filter(user_id=user_id, kind__in=(Kind.REGISTERED, Kind.SIGNED_IN))
        .filter(network=networks(address)[0])
        .exclude(network="")
        .exists()
    )


def forget_expired(*, now: datetime) -> None:
    """Delete what happened longer ago than SecurityEvent.KEPT."""
    SecurityEvent.objects.filter(created_at__lt=now - SecurityEvent.KEPT).delete()


def _kept(now: datetime) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(created_at__gte=now - SecurityEvent.KEPT)
