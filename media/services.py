"""Upload files, describe them, and give them to tweets."""

import math
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db import transaction

from accounts.models import User
from chirp import plain_text
from chirp.errors import ChirpError, Conflict, NotFound, TooLarge, Unsupported
from chirp.errors import Kind as ErrorKind
from chirp.texts import ntext, stored
from chirp.texts import text as _
from media import formats, storage
from media.events import MediaAdopted, MediaUploaded
from media.formats import Found, Kind
from media.models import ALT_LENGTH, Media, Purpose, State
from outbox.services import publish

MAX_IMAGES = 4
MAX_UNUSED = 50  # uploads of one account that no tweet has yet
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
PICTURES = "JPEG, PNG, WebP, AVIF, GIF or HEIC"
MEGABYTE = 1024 * 1024


class NotSupported(Unsupported):
    """The content of the file is of no supported format, whatever its name says."""

    message = _(
        "This is no file that can be shown. Pictures are %(pictures)s; videos MP4 or WebM.",
        pictures=PICTURES,
    )
    field = "file"


class NotAPicture(NotSupported):
    """Only a picture can be an avatar or a header."""

    message = _("Must be a picture: %(pictures)s.", pictures=PICTURES)


class FileTooLarge(TooLarge):
    """The file has too many bytes or pixels."""

    field = "file"


class Damaged(ChirpError):
    """The file is empty or cut short."""

    field = "file"


class TooManyUnused(ChirpError):
    """The account has uploaded many files that are in no tweet."""

    kind = ErrorKind.TOO_MANY
    code = "too_many_uploads"
    message = ntext(
        "%(num)s uploads are in no tweet yet. Use them, or wait for a day.",
        "%(num)s uploads are in no tweet yet. Use them, or wait for a day.",
        MAX_UNUSED,
    )
    field = "file"

    def __init__(self) -> None:
        super().__init__(retry_after=3600)


class BadFocus(ChirpError):
    """The focal point is not two numbers from -1 to 1."""

    message = _('Must be two numbers from -1 to 1, such as "0,0.5".')
    field = "focus"


class UnknownMedia(ChirpError):
    """The account has no such upload, or it cannot be shown."""

    message = _("There is no such upload of yours.")
    field = "media_ids"


class TooManyMedia(ChirpError):
    """A tweet has up to four pictures, or one other file."""

    message = ntext(
        "A tweet has up to %(num)s pictures, or one video, animation or recording.",
        "A tweet has up to %(num)s pictures, or one video, animation or recording.",
        MAX_IMAGES,
    )
    field = "media_ids"


class MediaTaken(Conflict):
    """Another tweet has this file already."""

    message = _("Another tweet has this file already.")
    field = "media_ids"


def upload(
    *, owner: User, file: "File[Any]", alt: str = "", focus: str = "", purpose: str = Purpose.TWEET
) -> Media:
    """Store a file and have it processed. Return its row, which is not ready yet.

    Raises NotSupported, FileTooLarge, Damaged, TooManyUnused, BadFocus, and BadText about `alt`.
    """
    alt, focal_point = checked_alt(alt), checked_focus(focus)
    found = recognized(file, purpose=purpose)
    if Media.objects.filter(owner=owner, tweet_id=None)[: MAX_UNUSED + 1].count() >= MAX_UNUSED:
        raise TooManyUnused
    return _store(owner, file, found, purpose, alt, focal_point)


def adopt(*, owner: User, file: "File[Any]", alt: str = "") -> Media:
    """Like `upload`, for a file from an archive, which goes into a tweet in the same transaction.

    However many files there are, none of them is too many. Raises NotSupported, FileTooLarge,
    Damaged and BadText.
    """
    row = _stored(owner, file, recognized(file), Purpose.TWEET, checked_alt(alt))
    _insert(row, MediaAdopted)
    return row


def store_picture(*, file: "File[Any]", purpose: str) -> Media:
    """Store a picture that no account owns, and have it processed. Return its row.

    Raises NotSupported, FileTooLarge and Damaged.
    """
    return _store(None, file, recognized(file, purpose=purpose), purpose)


def _store(
    owner: User | None,
    file: "File[Any]",
    found: Found,
    purpose: str,
    alt: str = "",
    focal_point: tuple[float, float] = (0.0, 0.0),
) -> Media:
    media = _stored(owner, file, found, purpose, alt, focal_point)
    _insert(media, MediaUploaded)
    return media


def _stored(
    owner: User | None,
    file: "File[Any]",
    found: Found,
    purpose: str,
    alt: str = "",
    focal_point: tuple[float, float] = (0.0, 0.0),
) -> Media:
    """Store the file, and return its row, which is not inserted yet."""
    media = Media(
        owner=owner,
        purpose=purpose,
        kind=found.kind,
        format=found.format,
        key=storage.new_key(),
        original_bytes=file.size,
        alt=alt,
        focus_x=focal_point[0],
        focus_y=focal_point[1],
        width=found.width,
        height=found.height,
    )
    media.original = storage.put(f"{storage.directory(media.key)}/original", file)
    return media


def _insert(media: Media, event: type[MediaUploaded] | type[MediaAdopted]) -> None:
    """Insert the row, and keep no file without one."""
    try:
        with transaction.atomic():
            media.save(force_insert=True)
            publish(event(media_id=media.pk))
    except BaseException:
        with suppress(Exception):
            storage.remove_all(media.key)
        raise


def recognized(file: "File[Any]", *, purpose: str = Purpose.TWEET) -> Found:
    """Return what a file is. Raises NotSupported, FileTooLarge and Damaged."""
    if not file.size:
        raise Damaged(_("The file is empty."))
    try:
        found = formats.recognize(cast(BinaryIO, file))
    except formats.Unreadable as error:
        raise Damaged(error.args[0]) from None
    if found is None:
        raise NotSupported
    if purpose != Purpose.TWEET and found.kind in (Kind.VIDEO, Kind.AUDIO):
        raise NotAPicture
    _check_bytes(file, found)
    _check_pixels(found)
    return found


def _check_bytes(file: "File[Any]", found: Found) -> None:
    is_long = found.kind in (Kind.VIDEO, Kind.AUDIO)
    most = settings.MEDIA_MAX_VIDEO_MB if is_long else settings.MEDIA_MAX_IMAGE_MB
    if file.size > most * MEGABYTE:
        raise FileTooLarge(_("The file is too large: at most %(most)s MB.", most=most))


def _check_pixels(found: Found) -> None:
    if found.width is None or found.height is None:
        return
    if found.width < 1 or found.height < 1:
        raise Damaged(_("The picture has no pixels."))
    most = settings.MEDIA_MAX_MEGAPIXELS
    if found.width * found.height > most * 1_000_000:
        raise FileTooLarge(
            ntext(
                "The picture has too many pixels: at most %(num)s million.",
                "The picture has too many pixels: at most %(num)s million.",
                most,
            )
        )


def checked_alt(alt: str) -> str:
    """Return the description in the form to store. Raises BadText."""
    return plain_text.clean_lines(alt, field="alt", limit=ALT_LENGTH)


def checked_focus(focus: str) -> tuple[float, float]:
    """Return the focal point: the middle for an empty text. Raises BadFocus."""
    if not focus.strip():
        return 0.0, 0.0
    parts = [part.strip() for part in focus.split(",")]
    if len(focus) > 50 or len(parts) != 2 or not all(map(NUMBER.fullmatch, parts)):
        raise BadFocus
    x, y = map(float, parts)
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 1 and abs(y) <= 1):
        raise BadFocus
    return x, y


def describe(
    *, owner: User, media_id: int, alt: str | None = None, focus: str | None = None
) -> Media:
    """Change the description or the focal point, also after it was posted, and return the row.

    None leaves that part unchanged. Raises NotFound unless it is the owner's, BadText, BadFocus.
    """
    changes: dict[str, object] = {}
    if alt is not None:
        changes["alt"] = checked_alt(alt)
    if focus is not None:
        changes["focus_x"], changes["focus_y"] = checked_focus(focus)
    own = Media.objects.filter(pk=media_id, owner=owner)
    if changes:
        own.update(**changes)
    media = own.first()
    if media is None:
        raise NotFound
    return media


def check_number(media_ids: Sequence[int]) -> None:
    """Refuse more files than a tweet can have, or one of them twice. Raises TooManyMedia."""
    if len(media_ids) > MAX_IMAGES:
        raise TooManyMedia
    if len(set(media_ids)) < len(media_ids):
        raise TooManyMedia(_("Each file can be in a tweet only once."))


def _none(tweet_ids: Collection[int]) -> set[int]:
    return set()


def attach(
    *,
    owner: User,
    media_ids: Sequence[int],
    tweet_id: int,
    released: Callable[[Collection[int]], Collection[int]] = _none,
) -> None:
    """Give files to a new tweet, in this order. Call it in the transaction of the tweet.

    `released` returns those of some tweets that need their files no more. Of two tweets that get
    the same file at once, one gets it. Raises UnknownMedia, TooManyMedia and MediaTaken.
    """
    check_number(media_ids)
    own = Media.objects.filter(pk__in=media_ids, owner=owner, purpose=Purpose.TWEET)
    rows = {row.pk: row for row in own.select_for_update().order_by("pk")}
    chosen = [rows[id_] for id_ in media_ids if id_ in rows]
    if len(chosen) < len(media_ids):
        raise UnknownMedia
    holders = {row.tweet_id for row in chosen if row.tweet_id is not None}
    free = {None, *(released(holders) if holders else ())}
    for row in chosen:
        _check_unused(row, free)
    if len(chosen) > 1 and any(row.kind != Kind.IMAGE for row in chosen):
        raise TooManyMedia
    for position, row in enumerate(chosen):
        row.tweet_id, row.position = tweet_id, position
        row.save(update_fields=["tweet_id", "position"])


def _check_unused(row: Media, free: Collection[int | None]) -> None:
    if row.tweet_id not in free:
        raise MediaTaken
    if row.state == State.FAILED:
        raise UnknownMedia(_("This file cannot be shown: %(error)s", error=stored(row.error)))
