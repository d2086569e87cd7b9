"""Hand a message to the push service of a device (RFC 8030)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

from chirp.outbound.connections import Deadline, NotReached, requested
from notifications.push import vapid
from notifications.push.encryption import seal, seal_as_draft
from notifications.push.models import PushSubscription

SECONDS = 6.0  # for one message
LONGEST_PAUSE = timedelta(days=1)


class Outcome(StrEnum):
    """What became of a message. The values are those of the metric."""

    ACCEPTED = "accepted"
    GONE = "gone"  # the device has unsubscribed, or is not known any more
    REFUSED = "refused"  # another try would end alike
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message, and how long the service wants to be left alone, if it says so."""

    outcome: Outcome
    pause: timedelta | None = None


def deliver(
    row: PushSubscription, message: bytes, *, topic: str, lifetime: timedelta, now: datetime
) -> Answer:
    """Encrypt a message for a device, and hand it over.

    For `lifetime` the service keeps it for a device that is off; a message with the same topic
    takes its place meanwhile.
    """
    encrypt = seal if row.standard else seal_as_draft
    sealed = encrypt(message, device=bytes(row.device_key), auth=bytes(row.auth))
    headers = {
        "Host": urlsplit(row.endpoint).netloc,
        "User-Agent": f"Chirp/1.0 (+{settings.SITE_URL})",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(len(sealed.body)),
        "TTL": str(int(lifetime.total_seconds())),
        "Urgency": "normal",
        "Topic": topic,
        "Connection": "close",
        **sealed.headers,
        **vapid.signed(row.endpoint, sealed, now=now),
    }
    try:
        with requested(
            row.endpoint, Deadline(SECONDS), method="POST", headers=headers, body=sealed.body
        ) as response:
            return _answer(response.status, response.headers.get("Retry-After", ""), now)
    except NotReached:
        return Answer(Outcome.LATER)


def _answer(status: int, retry_after: str, now: datetime) -> Answer:
    if 200 <= status < 300:
        return Answer(Outcome.ACCEPTED)
    if status in (404, 410):
        return Answer(Outcome.GONE)
    if status == 429 or status >= 500:
        return Answer(Outcome.LATER, _pause(retry_after, now))
    return Answer(Outcome.REFUSED)


def _pause(retry_after: str, now: datetime) -> timedelta | None:
    """Read Retry-After: seconds, or a date. None if it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST_PAUSE)
