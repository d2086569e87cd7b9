"""Announcements (section of Mastodon's documentation: announcements)."""

from typing import Any

from django.utils import timezone

from chirp import ids
from chirp.errors import NotFound
from chirp.times import rfc3339
from mastodon.calls import Call
from mastodon.content import html_of
from mastodon.endpoints import user
from moderation.site import services
from moderation.site.models import Announcement

Json = dict[str, Any]


@user("read")
def announcements(call: Call) -> list[Json]:
    """GET announcements: those that hold now; dismissed ones with `with_dismissed` only."""
    now, read = timezone.now(), set[int]()
    found = services.unread(user=call.user, now=now)
    if call.params.flag("with_dismissed"):
        found, read = services.current(now=now), services.dismissed_by(call.user)
    return [_represent(each, read=each.pk in read, base=call.base) for each in found]


@user("write:accounts")
def dismiss(call: Call, id: str) -> Json:
    """POST announcements/:id/dismiss. Idempotent."""
    announcement_id = ids.parse(id)
    if announcement_id is None:
        raise NotFound
    services.dismiss(user=call.user, announcement_id=announcement_id)
    return {}


def _represent(announcement: Announcement, *, read: bool, base: str) -> Json:
    return {
        "id": str(announcement.pk),
        "content": html_of(announcement.text, (), base),
        "starts_at": None,
        "ends_at": announcement.ends_at and rfc3339(announcement.ends_at),
        "all_day": False,
        "published_at": rfc3339(announcement.starts_at),
        "updated_at": rfc3339(announcement.starts_at),
        "read": read,
        "mentions": [],
        "statuses": [],
        "tags": [],
        "emojis": [],
        "reactions": [],
    }
