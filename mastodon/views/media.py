"""Uploads. They are processed by workers; the older version of the API waits for that."""

import time
from typing import Any

from django.utils import timezone

from chirp.errors import NotFound
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.params import MissingParameter
from mastodon.presenters.media import own_attachment
from mastodon.replies import Reply
from media import selectors, services
from media.cleaning import remove_upload
from media.models import Media, State
from tweets.deleted_media import released_by

Json = dict[str, Any]
SCOPE = "write:media"
WAIT_SECONDS, STEP_SECONDS = 10.0, 0.2
FAILED = "Error processing thumbnail for uploaded media"
PENDING = {"POST": 202, "GET": 206, "PUT": 206}


def _upload(call: Call) -> Media:
    file = call.params.values.get("file")
    if file is None:
        raise MissingParameter("file")
    if not hasattr(file, "chunks"):
        raise Invalid("File must be an upload")
    return services.upload(
        owner=call.user,
        file=file,
        alt=call.params.text("description") or "",
        focus=call.params.text("focus") or "",
    )


def _reply(call: Call, media: Media) -> Reply:
    """The upload: 202 or 206 while it is processed. Raises Invalid if that failed."""
    if media.state == State.FAILED:
        raise Invalid(media.error or FAILED)
    body = own_attachment(media, call.base)
    return Reply(body, 200 if body["url"] else PENDING[call.request.method or "GET"])


@user(SCOPE)
def upload(call: Call) -> Reply:
    """POST /api/v2/media."""
    return _reply(call, _upload(call))


@user(SCOPE)
def upload_and_wait(call: Call) -> Reply:
    """POST media, for clients that cannot ask again."""
    media, until = _upload(call), time.monotonic() + WAIT_SECONDS
    while media.state == State.PROCESSING and time.monotonic() < until:
        time.sleep(STEP_SECONDS)
        media = selectors.access_own(owner=call.user, media_id=media.pk)
    reply = _reply(call, media)
    reply.status = 200
    return reply


def _unused(call: Call, id: str) -> Media:
    """An upload of the signed-in user that another tweet can have. Raises NotFound."""
    media = selectors.access_own(owner=call.user, media_id=parsed(id))
    tweets = [] if media.tweet_id is None else [media.tweet_id]
    if len(released_by(call.user.pk, tweets, now=timezone.now())) < len(tweets):
        raise NotFound
    return media


@user(SCOPE)
def show(call: Call, id: str) -> Reply:
    """GET media/:id."""
    return _reply(call, _unused(call, id))


@user(SCOPE)
def describe(call: Call, id: str) -> Reply:
    """PUT media/:id: the description and the focal point."""
    media = services.describe(
        owner=call.user,
        media_id=_unused(call, id).pk,
        alt=call.params.text("description"),
        focus=call.params.text("focus"),
    )
    return _reply(call, media)


@user(SCOPE)
def delete(call: Call, id: str) -> Json:
    """DELETE media/:id."""
    media = selectors.access_own(owner=call.user, media_id=parsed(id))
    if media.tweet_id is None:
        remove_upload(owner=call.user, media_id=media.pk)
    elif not released_by(call.user.pk, [media.tweet_id], now=timezone.now()):
        raise Invalid("Media is in a post")
    return {}  # those of a deleted tweet go with it
