"""The daily e-mail with unread notifications, for accounts that asked for it.

A day is claimed for an account by a row before anything is sent, so that it never gets two. Where
the mail server refuses, the claim is given back and the event tries again; where it is not known
whether the mail was accepted, a lost digest is better than a second one.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.language import speaking_to
from accounts.mail.queue import REFUSED, sender
from accounts.models import User
from chirp import hooks
from chirp.errors import NotFound
from chirp.pagination import PageRequest
from notifications import markers, preferences, selectors
from notifications.events import DigestDue
from notifications.kinds import Kind
from notifications.models import Digest, Settings
from notifications.selectors import Item
from notifications.telling import path, what, words
from outbox.services import publish
from tweets.read.facts import Facts
from tweets.visibility import Visibility

log = logging.getLogger(__name__)

HOUR = 7  # UTC, from which on the digests of a day are sent
BATCH = 500  # accounts that one transaction claims
ENTRIES = 20  # in one digest
EXCERPT = 200  # characters of a tweet
KEPT = timedelta(days=7)
SALT = "notifications.digest"


class Entry(NamedTuple):
    """A line of a digest: who did what, and an excerpt of the tweet that it leads to."""

    what: str
    excerpt: str
    path: str


def begin(*, now: datetime) -> None:
    """Claim today for all accounts that want a digest and have none of today. Idempotent."""
    if now.hour < HOUR:
        return
    day = now.date()
    wanting = Settings.objects.filter(digest=Settings.Digest.DAILY).exclude(user__digests__day=day)
    while users := list(wanting.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = [Digest(user_id=user_id, day=day) for user_id in users]
            Digest.objects.bulk_create(rows, ignore_conflicts=True)
            for user_id in users:
                publish(DigestDue(user_id=user_id, day=day.isoformat()))
    Digest.objects.filter(day__lt=day - KEPT).delete()


def send(*, user_id: int, day: date) -> None:
    """Send the digest of a day, unless it was sent. Raises what the mail server refused with."""
    mine = Digest.objects.filter(user=user_id, day=day)
    if not mine.filter(sent_at=None).update(sent_at=timezone.now()):
        return
    user = User.objects.active().filter(pk=user_id).first()
    if user is None:
        return
    since = max(markers.last_read(user=user), _position_before(user, day))
    found = _unread(user, since)
    # Also without news, since older rows are deleted.
    mine.update(position=max([since, *(item.latest_id for item in found)]))
    if not found:
        return
    try:
        with speaking_to(user):
            mail = _mail(user, found)
        mail.send()
    except REFUSED:
        mine.update(sent_at=None)
        raise
    except OSError:
        log.exception("Whether a digest was sent is not known, so it is not sent again.")


def unsubscribe(*, token: str) -> User:
    """Turn the digest off for the account that a link names, and return it. Idempotent.

    Raises NotFound if the link is not one of ours.
    """
    user = subscriber(token=token)
    preferences.change(user=user, digest=Settings.Digest.OFF)
    return user


def subscriber(*, token: str) -> User:
    """Return the account that an unsubscribe link names. Raises NotFound."""
    try:
        user_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotFound from None
    user: User | None = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def unsubscribe_path(user: User) -> str:
    """Return the path of the page that turns the digest of an account off."""
    return f"/notifications/unsubscribe/{quote(signing.dumps(user.pk, salt=SALT))}"


def _unread(user: User, since: int) -> list[Item]:
    """Return the newest notifications above `since` of the kinds that the account wants."""
    wanted = preferences.preferences(user=user)
    if wanted.digest == Settings.Digest.OFF or not wanted.mailed:
        return []
    kinds = [Kind(kind) for kind in wanted.mailed]
    page = selectors.notifications(viewer=user, page=PageRequest(limit=ENTRIES), kinds=kinds)
    return [item for item in page.results if item.latest_id > since]


def _position_before(user: User, day: date) -> int:
    """Return the position of the newest notification in an earlier digest, or 0."""
    digests = Digest.objects.filter(user=user, day__lt=day).order_by("-day")
    return digests.values_list("position", flat=True).first() or 0


def _mail(user: User, found: Sequence[Item]) -> EmailMultiAlternatives:
    stop = f"{settings.SITE_URL}{unsubscribe_path(user)}"
    site = hooks.ask("site.name")
    context = {
        "user": user,
        "entries": [_entry(item) for item in found],
        "base": settings.SITE_URL,
        "stop": stop,
        "site": site,
    }
    subject = ngettext(
        "%(num)s new notification on %(site)s", "%(num)s new notifications on %(site)s", len(found)
    ) % {"num": len(found), "site": site}
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("emails/digest.txt", context, using="jinja2"),
        sender(),
        to=[user.email],
        # RFC 8058: mail programs have a button that sends the POST.
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(
        render_to_string("emails/digest.html", context, using="jinja2"), "text/html"
    )
    return mail


def _entry(item: Item) -> Entry:
    return Entry(what(item), item.note or _excerpt(item.tweet), path(item))


def _excerpt(tweet: Facts | None) -> str:
    """Return the beginning of a tweet; not of a direct one, which is not for mail servers."""
    if tweet is None or tweet.visibility == Visibility.DIRECT:
        return ""
    return words(tweet, length=EXCERPT)
