"""What is sent to a device: for our own pages, and for the apps of others.

Apps get the form that their interface has, from the face that speaks it (the hook `push.for_app`).
"""

from typing import Any

import orjson
from django.utils import translation

from accounts.models import User
from chirp import hooks
from chirp.times import rfc3339
from media import links
from notifications.push.encryption import MOST_BYTES
from notifications.push.models import PushSubscription
from notifications.selectors import Item
from notifications.singles import Single
from notifications.telling import path, what, words
from tweets.read.facts import Facts
from tweets.read.filtered import warning_filters

Json = dict[str, Any]
EXCERPT = 200  # characters of a tweet


def message(row: PushSubscription, single: Single, item: Item, *, token: str) -> bytes:
    """Return the message for a device, in the active language. `token` is that of its app."""
    if token:
        body: Json = hooks.ask("push.for_app", viewer=row.user, single=single, token=token)
    else:
        body = for_page(item, single)
    made = orjson.dumps(body)
    assert len(made) <= MOST_BYTES, "names and excerpts are short"
    return made


def for_page(item: Item, single: Single) -> Json:
    """Return what the service worker of the site shows.

    The tag is that of the group: what is newer takes the place of what the device shows of it.
    """
    return {
        "id": str(single.id),
        "kind": single.kind,
        "title": what(item),
        "body": item.note or body_of(single.tweet),
        "icon": _picture(single.actor),
        "url": path(item),
        "tag": f"notification-{item.id}",
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "created_at": rfc3339(single.created_at),
    }


def body_of(tweet: Facts | None) -> str:
    """Return the beginning of a tweet; nothing of one of which a filter warns."""
    return "" if tweet is None or warning_filters(tweet) else words(tweet, length=EXCERPT)


def _picture(actor: User | None) -> str | None:
    return f"/{links.stable(actor.avatar, 'large.webp')}" if actor and actor.avatar else None
