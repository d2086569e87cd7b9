"""The tasks that events of the outbox start (settings.OUTBOX_ROUTES)."""

from archives import running, services
from outbox.worker import outbox_task


@outbox_task("archives.continue_import")
def continue_import(*, import_id: int, turn: int) -> None:
    """An import has a next step."""
    running.step(import_id=import_id, turn=turn)


@outbox_task("archives.clean_up")
def clean_up(*, import_id: int) -> None:
    """An import has ended."""
    services.clean_up(import_id=import_id)
