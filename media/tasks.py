"""The tasks of the queue `media`."""

from celery import shared_task
from django.utils import timezone

from media import cleaning, processing
from outbox.worker import outbox_task


@outbox_task("media.process")
def process(*, media_id: int) -> None:
    """A file was uploaded."""
    processing.process(media_id=media_id)


@shared_task(name="media.clean")
def clean() -> None:
    """Remove uploads of no use. Idempotent."""
    cleaning.clean(now=timezone.now())
