"""Connect tweets with previews, fetch these, and block hosts."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from chirp.errors import ChirpError
from chirp.outbound.addresses import URL_LENGTH, host_of, normalized
from chirp.texts import text as _
from chirp.web_hosts import ascii_host
from media import metrics
from media.events import LinkDue
from media.models import Media, Purpose
from media.previews import page
from media.previews.download import NoPreview, download
from media.previews.models import BlockedHost, Preview, PreviewState, TweetLink
from media.services import store_picture
from outbox.services import publish

log = logging.getLogger(__name__)

FRESH = timedelta(days=7)  # then the next tweet with the link has it fetched again
# After each failure, until it is tried again. Then the next tweet with the link has it fetched.
RETRIES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=12), timedelta(days=2))
LEASE = timedelta(minutes=2)  # a worker that has not finished by then is dead
PER_HOST = 20  # requests to one host in a minute
MINUTE = timedelta(minutes=1)
PAGE_BYTES = 512 * 1024
PAGE_SECONDS = 8.0
PAGE_TYPES = ("text/html", "application/xhtml+xml")
IMAGE_BYTES = 8 * 1024 * 1024
IMAGE_SECONDS = 8.0
UNUSED_FOR = timedelta(days=1)
BATCH = 1_000


class BadHost(ChirpError):
    """The name of a host is not valid."""

    message = _('Must be the name of a host, such as "example.com".')
    field = "host"


def link(*, tweet_id: int, url: str | None, now: datetime) -> None:
    """Connect a tweet with the preview of its first link, and have that fetched if it is due.

    None is a tweet without a link. Call it in the transaction that has locked the tweet. Two tweets
    with the same URL share one row, and the fetch. Idempotent.
    """
    wanted = normalized(url) if url else None
    if wanted is None or not settings.LINK_PREVIEWS or is_blocked(wanted):
        unlink(tweet_id=tweet_id)
        return
    preview, _ = Preview.objects.get_or_create(
        url=wanted, defaults={"host": host_of(wanted), "due_at": now}
    )
    TweetLink.objects.update_or_create(tweet_id=tweet_id, defaults={"preview": preview})
    old = Q(due_at=None) & (Q(tried_at=None) | Q(tried_at__lt=now - FRESH))
    Preview.objects.filter(old, pk=preview.pk).update(due_at=now, attempts=0)
    if Preview.objects.filter(pk=preview.pk, due_at__lte=now).exists():
        publish(LinkDue(preview_id=preview.pk))


def unlink(*, tweet_id: int) -> None:
    """Take the preview away from a tweet. Idempotent."""
    TweetLink.objects.filter(tweet_id=tweet_id).delete()


def fetch(*, preview_id: int, now: datetime) -> bool:
    """Fetch a preview if it is due and no other worker is fetching it. Return whether it tried.

    A host gets PER_HOST requests in a minute; then it is due a minute later.
    """
    due = Preview.objects.filter(pk=preview_id, due_at__lte=now)
    values = {"due_at": now + LEASE, "tried_at": now, "attempts": F("attempts") + 1}
    if not settings.LINK_PREVIEWS or not due.update(**values):
        return False
    preview = Preview.objects.get(pk=preview_id)
    recent = Preview.objects.filter(host=preview.host, tried_at__gt=now - MINUTE)
    if recent.exclude(pk=preview_id)[:PER_HOST].count() >= PER_HOST:
        wait = {"due_at": now + MINUTE, "tried_at": None, "attempts": F("attempts") - 1}
        Preview.objects.filter(pk=preview_id).update(**wait)
        return False
    try:
        _store(preview, *_page(preview.url), now=now)
        metrics.previews.labels("ready").inc()
    except NoPreview as error:
        _fail(preview, str(error), now=now)
        metrics.previews.labels("failed").inc()
    return True


def fetch_due(*, now: datetime) -> int:
    """Fetch some previews that are due: retries, and what a dead worker left. Return the number."""
    due = Preview.objects.filter(due_at__lte=now).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:4])  # a minute's work at most
    return sum(fetch(preview_id=id_, now=now) for id_ in ids)


def _page(url: str) -> tuple[page.Page, str]:
    """Return the page, and the URL at which it was found. Raises NoPreview."""
    found = download(
        url, types=PAGE_TYPES, limit=PAGE_BYTES, seconds=PAGE_SECONDS, allowed=_is_allowed
    )
    read = page.read(found.body, charset=found.charset)
    if not read.title:
        raise NoPreview("It has no title.")
    return read, found.url


def _store(preview: Preview, found: page.Page, base: str, *, now: datetime) -> None:
    image = _image(found.image, base)
    Preview.objects.filter(pk=preview.pk).update(
        state=PreviewState.READY,
        title=found.title,
        description=found.description,
        image=image,
        image_alt=found.image_alt if image else "",
        error="",
        attempts=0,
        due_at=None,
        fetched_at=now,
    )


def _image(address: str, base: str) -> Media | None:
    """Download the picture of a page, and have it processed as uploads are. None if there is none.

    A preview is worth showing without its picture.
    """
    url = normalized(address[:URL_LENGTH], base=base) if address else None
    if url is None:
        return None
    try:
        found = download(
            url,
            types=("image/",),
            limit=IMAGE_BYTES,
            seconds=IMAGE_SECONDS,
            whole=True,
            allowed=_is_allowed,
        )
        return store_picture(file=ContentFile(found.body, name="picture"), purpose=Purpose.CARD)
    except (NoPreview, ChirpError) as error:
        log.info("The picture of a link preview cannot be used: %s", error)
        return None


def _fail(preview: Preview, error: str, *, now: datetime) -> None:
    log.info("No preview of the page %d: %s", preview.pk, error)
    wait = RETRIES[preview.attempts - 1] if preview.attempts <= len(RETRIES) else None
    failed = Preview.objects.filter(pk=preview.pk)
    failed.update(error=error[:200], due_at=now + wait if wait else None)
    failed.exclude(state=PreviewState.READY).update(state=PreviewState.FAILED)


def refetch(*, url: str, now: datetime) -> bool:
    """Have a preview fetched again. Return whether there is one of this URL."""
    wanted = normalized(url)
    with transaction.atomic():
        preview = Preview.objects.filter(url=wanted).first() if wanted else None
        if preview is None:
            return False
        Preview.objects.filter(pk=preview.pk).update(due_at=now, attempts=0)
        publish(LinkDue(preview_id=preview.pk))
    return True


def delete(*, preview_id: int) -> None:
    """Delete a preview: no tweet shows it any more. The next tweet with the link fetches it."""
    Preview.objects.filter(pk=preview_id).delete()


def block_host(*, host: str) -> BlockedHost:
    """Fetch no more from a host and from those below it, and delete their previews.

    Raises BadHost.
    """
    name = ascii_host(host.strip().lower())
    if name is None:
        raise BadHost
    with transaction.atomic():
        blocked, _ = BlockedHost.objects.get_or_create(host=name)
        Preview.objects.filter(Q(host=name) | Q(host__endswith=f".{name}")).delete()
    return blocked


def unblock_host(*, host: str) -> None:
    """Fetch from a host again. Idempotent."""
    BlockedHost.objects.filter(host=host).delete()


def is_blocked(url: str) -> bool:
    """Return whether the host of a URL, or one above it, is blocked."""
    labels = host_of(url).split(".")
    names = [".".join(labels[start:]) for start in range(len(labels))]
    return bool(BlockedHost.objects.filter(host__in=names).exists())


def _is_allowed(url: str) -> bool:
    return not is_blocked(url)


def clean(*, now: datetime) -> int:
    """Delete previews that no tweet has had for a day, and return their number. Idempotent."""
    linked = Exists(TweetLink.objects.filter(preview=OuterRef("pk")))
    unused = Preview.objects.filter(~linked, created_at__lt=now - UNUSED_FOR)
    ids = list(unused.order_by("pk").values_list("pk", flat=True)[:BATCH])
    Preview.objects.filter(~linked, pk__in=ids).delete()
    return len(ids)
