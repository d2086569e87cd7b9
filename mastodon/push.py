"""What a device gets on which an app is signed in: the hook `push.for_app`."""

from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import User
from chirp.texts import shown
from mastodon.presenters.accounts import picture_url
from mastodon.presenters.notifications import TYPES
from notifications.kinds import Kind
from notifications.push.messages import body_of
from notifications.singles import Single
from notifications.wording import names, sentence

Json = dict[str, Any]


def message(*, viewer: User, single: Single, token: str) -> Json:
    """Return the message. Apps know by the token which of their accounts it is for."""
    kind = Kind(single.kind)
    actor = single.actor
    who = shown(names(actor.display_name)) if actor else ""
    return {
        "access_token": token,
        "preferred_locale": translation.get_language(),
        "notification_id": str(single.id),
        "notification_type": TYPES[kind],
        "icon": picture_url((actor or viewer).avatar, "avatar", settings.SITE_URL),
        "title": shown(sentence(kind, who=who, count=1 if actor else 0)),
        "body": body_of(single.tweet),
    }
