"""Process uploads: the parent of the child process that decodes them (media/child/)."""

import logging
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from chirp.texts import text as _
from media import metrics, profiles, storage
from media.child.job import Job, Result, Size
from media.formats import Kind
from media.models import Media, Purpose, State

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # of which some may have ended with the worker
SIZES = {
    Purpose.TWEET: [Size("large", 1600, 1600), Size("medium", 800, 800), Size("small", 400, 400)],
    Purpose.AVATAR: [Size("large", 400, 400, crop=True), Size("small", 96, 96, crop=True)],
    Purpose.HEADER: [Size("large", 1500, 500, crop=True), Size("small", 600, 200, crop=True)],
    Purpose.CARD: [Size("large", 800, 800)],
}
GIGABYTE = 1024**3
# Address space is more than the memory that is used: libraries and threads reserve it.
MEMORY = {Kind.IMAGE: GIGABYTE, Kind.ANIMATION: 2 * GIGABYTE}
LONG_MEMORY = 3 * GIGABYTE
# Of processor time. A busy machine may take longer on the clock, before it is tried again.
SECONDS = {Kind.IMAGE: 20, Kind.ANIMATION: 60}
LONG_SECONDS = 120
PATIENCE = 5
NOT_DONE = _("The file could not be processed: it is damaged, or takes too much time or memory.")
NOT_DONE_LONG = _(
    "The file could not be processed: it is damaged, or takes too much time or memory. A short MP4 "
    "with H.264 and AAC takes least."
)
GONE = _("The file is gone. Upload it again.")


class NotFinished(Exception):
    """Something outside of the child ended or delayed it, so it is worth another attempt."""


def process(*, media_id: int) -> None:
    """Make of an upload what people see, or note why that cannot be done. Idempotent.

    It may run twice at once: the first to finish wins, and the other removes what it has made. A
    worker that dies leaves the upload as it was, for the next attempt.
    """
    waiting = Media.objects.filter(pk=media_id, state=State.PROCESSING)
    waiting.update(attempts=F("attempts") + 1)
    media = waiting.first()
    if media is None:
        return
    if media.attempts > MAX_ATTEMPTS:
        _fail(media, NOT_DONE)
        return
    with tempfile.TemporaryDirectory(prefix="chirp-media-") as place:
        out = Path(place) / "out"
        out.mkdir()
        try:
            with storage.local_copy(media.original, Path(place)) as source:
                result = _run(_job(media, source, out))
            if result.error:
                _fail(media, result.error)
            else:
                _finish(media, result, out)
        except FileNotFoundError:
            _fail(media, GONE)
        except storage.StorageAway:
            waiting.update(attempts=F("attempts") - 1)  # it can be away for long
            raise


def _job(media: Media, source: Path, out: Path) -> Job:
    kind = Kind(media.kind)
    seconds = SECONDS.get(kind, LONG_SECONDS)
    return Job(
        # A moving avatar or card would be a nuisance, so that its first picture has to do.
        kind=kind if media.purpose == Purpose.TWEET else Kind.IMAGE,
        format=media.format,
        source=str(source),
        out=str(out),
        sizes=SIZES[Purpose(media.purpose)],
        focus=(media.focus_x, media.focus_y),
        max_pixels=settings.MEDIA_MAX_MEGAPIXELS * 1_000_000,
        max_seconds=settings.MEDIA_MAX_SECONDS,
        memory_bytes=MEMORY.get(kind, LONG_MEMORY),
        cpu_seconds=seconds,
        file_bytes=2 * settings.MEDIA_MAX_VIDEO_MB * 1024**2,
    )


def _run(job: Job) -> Result:
    """Run the child. It gets no environment: it has no use for this site's secrets."""
    command = [sys.executable, "-m", "media.child", job.dump()]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            cwd=settings.BASE_DIR,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=PATIENCE * job.cpu_seconds,
            check=False,
        )
        if done.returncode == 0:
            return Result.load(done.stdout.decode())
        log.warning("Processing ended with %d: %s", done.returncode, _last_line(done.stderr))
        if done.returncode == -signal.SIGKILL:
            raise NotFinished("The child was killed.")
    except subprocess.TimeoutExpired as error:
        raise NotFinished(f"The child took longer than {error.timeout} seconds.") from None
    return Result(error=NOT_DONE if job.kind == Kind.IMAGE else NOT_DONE_LONG)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _finish(media: Media, result: Result, out: Path) -> None:
    """Store the files, and mark the row as ready unless another process was faster."""
    attempt = secrets.token_hex(4)
    files: dict[str, dict[str, Any]] = {}
    for made in result.made:
        source = out / made.name
        with source.open("rb") as file:
            path = storage.put(f"{storage.directory(media.key)}/{attempt}-{made.name}", file)
        files[made.name] = {
            "path": path,
            "type": made.type,
            "bytes": source.stat().st_size,
            "width": made.width,
            "height": made.height,
        }
    with transaction.atomic():
        done = _write(
            media,
            state=State.READY,
            kind=result.kind,
            files=files,
            bytes=sum(file_["bytes"] for file_ in files.values()),
            width=result.width,
            height=result.height,
            duration=result.duration,
            blurhash=result.blurhash,
        )
        if done and media.purpose in profiles.PICTURES:
            profiles.use(media)
    if done:
        _remove_original(media)
        metrics.processed.labels(result.kind, "ready").inc()
    else:
        for file_ in files.values():
            storage.remove(file_["path"])


def _fail(media: Media, error: str) -> None:
    log.info("Media %d cannot be used: %s", media.pk, error)
    if _write(media, state=State.FAILED, error=error[:200]):
        _remove_original(media)
        metrics.processed.labels(media.kind, "failed").inc()


def _write(media: Media, **values: Any) -> bool:
    """Write what became of the upload. Return False if it was processed or removed meanwhile."""
    waiting = Media.objects.filter(pk=media.pk, state=State.PROCESSING)
    return bool(waiting.update(**values))


def _remove_original(media: Media) -> None:
    """Remove the file as it was uploaded: it may hold the place where it was taken.

    While its path is in the row, the clean-up removes it if this process cannot.
    """
    storage.remove(media.original)
    Media.objects.filter(pk=media.pk).update(original="")
