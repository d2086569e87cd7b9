"""Periodic tasks of the accounts app."""

from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task(name="accounts.forget_expired")
def forget_expired() -> None:
    """Delete expired keys, token families, sessions and entries of the security log. Idempotent."""
    services.forget_expired(now=timezone.now())
