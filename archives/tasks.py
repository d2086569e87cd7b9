"""The tasks that events of the outbox start (settings.OUTBOX_ROUTES), and one on schedule."""

from celery import shared_task
from django.utils import timezone

from archives import running, services
from archives.exporting import services as exporting
from outbox.worker import outbox_task


@outbox_task("archives.continue_import")
def continue_import(*, import_id: int, turn: int) -> None:
    """An import has a next step."""
    running.step(import_id=import_id, turn=turn)


@outbox_task("archives.clean_up")
def clean_up(*, import_id: int) -> None:
    """An import has ended."""
    services.clean_up(import_id=import_id)


@outbox_task("archives.continue_export")
def continue_export(*, export_id: int, turn: int) -> None:
    """An export has a next step."""
    exporting.step(export_id=export_id, turn=turn)


@shared_task(name="archives.forget_exports")
def forget_exports() -> None:
    """On schedule, remove exports that have been kept for some days. Idempotent."""
    exporting.forget_old(now=timezone.now())
