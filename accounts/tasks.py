"""What the scheduler asks of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task(name="accounts.forget_expired")
def forget_expired() -> None:
    """Remove what has expired: kept answers, sign-ins and sessions. Twice is the same as once."""
    services.forget_expired(now=timezone.now())
