"""Read positions, the same on all devices of an account. They never go back unless asked to."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from chirp.errors import ChirpError
from chirp.ids import EPOCH_MS, SEQUENCE_BITS
from chirp.texts import text as _
from notifications import sql
from notifications.events import NotificationsChanged
from notifications.models import Group, Marker
from outbox.services import publish

Name = Marker.Name
TOLERANCE_MS = 60_000  # between the clocks of this machine and of Postgres


class BadPosition(ChirpError):
    """The position is newer than anything that can have been read."""

    message = _("There is no such position yet.")
    field = "last_read_id"


def marker(*, user: User, name: str) -> Marker | None:
    """Return a read position, or None if it was never set."""
    return Marker.objects.filter(user=user, name=name).first()


def last_read(*, user: User, name: str = Name.NOTIFICATIONS) -> int:
    """Return the id up to which a list was read, or 0."""
    found = marker(user=user, name=name)
    return found.last_read_id if found else 0


@transaction.atomic
def move(*, user: User, name: str, last_read_id: int, back: bool = False) -> Marker:
    """Set a read position, and return the one that holds now.

    It goes back only with `back`. A position in notifications is at most the latest one, and open
    streams of the account hear what is unread now. Raises BadPosition for a position in home that
    lies in the future.
    """
    if name == Name.NOTIFICATIONS:
        last_read_id = min(last_read_id, _latest(user))
    elif (last_read_id >> SEQUENCE_BITS) > _now_ms() + TOLERANCE_MS:
        raise BadPosition
    parameters: dict[str, Any] = {"user": user.pk, "name": str(name), "back": back}
    with connection.cursor() as cursor:
        cursor.execute(sql.MOVE_MARKER, {**parameters, "position": last_read_id})
        has_moved = cursor.rowcount > 0
    if has_moved and name == Name.NOTIFICATIONS:
        publish(NotificationsChanged(recipient_ids=[user.pk], groups=[], new=[]))
    return Marker.objects.get(user=user, name=name)


def read_notifications(*, user: User, up_to: int | None = None) -> Marker:
    """Mark notifications as read up to the position `up_to`, by default all. Idempotent."""
    position = _latest(user) if up_to is None else up_to
    return move(user=user, name=Name.NOTIFICATIONS, last_read_id=position)


def _latest(user: User) -> int:
    groups = Group.objects.filter(recipient=user, count__gt=0, visible=True)
    return groups.order_by("-newest_id").values_list("newest_id", flat=True).first() or 0


def _now_ms() -> int:
    return int(timezone.now().timestamp() * 1000) - EPOCH_MS
