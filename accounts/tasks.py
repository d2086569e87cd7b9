"""Tasks of the accounts app: e-mails, deletions, and what is deleted when old."""

from celery import shared_task
from django.utils import timezone

from accounts import deletion, purging, services
from accounts.mail import queue
from outbox.worker import outbox_task


@shared_task(name="accounts.forget_expired")
def forget_expired() -> None:
    """Delete what is old: keys, token families, sessions, mails, the security log. Idempotent."""
    services.forget_expired(now=timezone.now())


@outbox_task("accounts.send_mail")
def send_mail(*, mail_id: int) -> None:
    """Send an e-mail, unless it is sent already."""
    queue.send(mail_id=mail_id, now=timezone.now())


@shared_task(name="accounts.begin_purges")
def begin_purges() -> None:
    """On schedule, have the accounts purged whose time has come. Idempotent."""
    deletion.begin_due(now=timezone.now())


@outbox_task("accounts.purge")
def purge(*, user_id: int) -> None:
    """Purge an account whose time has come, or go on with it."""
    purging.purge(user_id=user_id)
