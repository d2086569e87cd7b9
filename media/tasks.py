"""The tasks of the queue `media`."""

from media import processing
from outbox.worker import outbox_task


@outbox_task("media.process")
def process(*, media_id: int) -> None:
    """A file was uploaded."""
    processing.process(media_id=media_id)
