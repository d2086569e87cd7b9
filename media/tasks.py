"""The tasks of the queue `media`."""

from celery import shared_task
from django.utils import timezone

from media import cleaning, processing
from media.previews import services as previews
from outbox.worker import outbox_task


@outbox_task("media.process")
def process(*, media_id: int) -> None:
    """A file was uploaded."""
    processing.process(media_id=media_id)


@outbox_task("media.process_adopted")
def process_adopted(*, media_id: int) -> None:
    """A file came from an archive."""
    processing.process(media_id=media_id)


@outbox_task("media.fetch_preview")
def fetch_preview(*, preview_id: int) -> None:
    """A tweet has a link whose preview is due."""
    previews.fetch(preview_id=preview_id, now=timezone.now())


@shared_task(name="media.fetch_due_previews")
def fetch_due_previews() -> None:
    """On schedule, fetch previews that failed, or whose worker ended. Idempotent."""
    previews.fetch_due(now=timezone.now())


@shared_task(name="media.clean")
def clean() -> None:
    """Remove uploads and link previews of no use. Idempotent."""
    now = timezone.now()
    previews.clean(now=now)
    cleaning.clean(now=now)
