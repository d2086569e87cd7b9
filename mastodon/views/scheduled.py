"""Statuses that are posted later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from chirp.times import rfc3339
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.pages import listing
from mastodon.params import Params
from mastodon.presenters.media import own_attachment
from mastodon.presenters.statuses import VISIBILITIES
from mastodon.replies import Reply
from media import selectors as media
from tweets.later import scheduling
from tweets.later.models import ScheduledTweet
from tweets.later.scheduling import AlreadyPosted
from tweets.visibility import Visibility

Json = dict[str, Any]


def time_of(params: Params) -> datetime | None:
    """When the status is to be posted; None for now. Raises Invalid."""
    text = params.text("scheduled_at")
    if not text:
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Invalid("Scheduled at must be a time")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def represent_all(call: Call, rows: Sequence[ScheduledTweet]) -> list[Json]:
    """ScheduledStatuses. Takes one query at most."""
    wanted = [id_ for row in rows for id_ in row.content[0].get("media_ids", ())]
    uploads = {one.pk: one for one in media.unused(owner=call.user, media_ids=wanted)}
    found = []
    for row in rows:
        new = row.content[0]
        ids = [id_ for id_ in new.get("media_ids", ()) if id_ in uploads]
        found.append(
            {
                "id": str(row.pk),
                "scheduled_at": rfc3339(row.due_at),
                "params": _params(new),
                "media_attachments": [own_attachment(uploads[id_], call.base) for id_ in ids],
            }
        )
    return found


def _params(new: Json) -> Json:
    poll = new.get("poll")
    return {
        "text": new.get("text", ""),
        "media_ids": [str(id_) for id_ in new.get("media_ids", ())] or None,
        "sensitive": new.get("sensitive", False),
        "spoiler_text": new.get("spoiler", ""),
        "visibility": VISIBILITIES[Visibility(new.get("visibility", "public"))],
        "in_reply_to_id": new.get("reply_to_id"),
        "language": new.get("language") or None,
        "application_id": None,
        "scheduled_at": None,
        "poll": poll
        and {
            "options": poll["choices"],
            "expires_in": poll["seconds"],
            "multiple": poll["multiple"],
            "hide_totals": poll["hide_results"],
        },
        "idempotency": None,
        "with_rate_limit": False,
    }


def schedule(call: Call, new: Json, at: datetime) -> Json:
    """Schedule a new status."""
    row = scheduling.schedule(user=call.user, tweets=[new], due_at=at)
    return represent_all(call, [row])[0]


@user("read:statuses")
def index(call: Call) -> Reply:
    """GET scheduled_statuses."""

    def fetch(*, page: PageRequest) -> Page[ScheduledTweet]:
        return scheduling.scheduled(user=call.user, page=page)

    return listing(call, fetch, lambda rows: represent_all(call, rows))


def _own(call: Call, id: str) -> ScheduledTweet:
    try:
        return scheduling.access_scheduled(user=call.user, scheduled_id=parsed(id))
    except AlreadyPosted:
        raise NotFound from None


@user("read:statuses")
def show(call: Call, id: str) -> Json:
    """GET scheduled_statuses/:id."""
    return represent_all(call, [_own(call, id)])[0]


@user("write:statuses")
def change(call: Call, id: str) -> Json:
    """PUT scheduled_statuses/:id: another time."""
    row, at = _own(call, id), time_of(call.params)
    row = scheduling.reschedule(user=call.user, scheduled_id=row.pk, due_at=at)
    return represent_all(call, [row])[0]


@user("write:statuses")
def cancel(call: Call, id: str) -> Json:
    """DELETE scheduled_statuses/:id."""
    scheduling.cancel(user=call.user, scheduled_id=_own(call, id).pk)
    return {}
