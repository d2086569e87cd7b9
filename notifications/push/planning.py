"""What devices hear of: the messages about a notification are stored together with it."""

from collections.abc import Iterable

from django.db import connection

from notifications import sql
from notifications.events import PushesDue
from outbox.services import publish


def plan(notification_ids: Iterable[int]) -> None:
    """Store the messages about new notifications, and have them sent. Needs a transaction."""
    ids = list(notification_ids)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.PLAN_PUSHES, {"notifications": ids})
        recipients = {recipient for (recipient,) in cursor.fetchall()}
    for user_id in sorted(recipients):
        publish(PushesDue(user_id=user_id))
