"""The tasks of people on schedule."""

from celery import shared_task
from django.utils import timezone

from people import services


@shared_task(name="people.end_mutes")
def end_mutes() -> None:
    """On schedule, end the mutes whose time is over. Idempotent."""
    services.end_mutes(now=timezone.now())
