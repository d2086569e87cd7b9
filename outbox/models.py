"""The events that have not been consumed by all their tasks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.Model):
    """An event, and the tasks that still have to consume it.

    A task that succeeds is removed from `consumers`, and the last one deletes the row. The relay
    does not delete rows that it has sent, so neither a broker that loses messages nor a worker
    that dies loses an event: if it is not consumed by `due_at`, it is sent again. An event that
    was never sent (`attempts` is 0) is due immediately.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=64)
    consumers = ArrayField(models.CharField(max_length=128))  # names of tasks
    # Events with the same topic and the same value can be consumed in one batch; None: separately.
    together = models.CharField(max_length=128, null=True)  # noqa: DJ001
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(db_default=0)
    last_error = models.TextField(db_default="", blank=True)
    # The id of the request (or of the earlier task) that caused the event, for logs of workers.
    request_id = models.CharField(max_length=64, db_default="", blank=True)
    # The span that published it, if traces are on: NULL takes no space in the row.
    traceparent = models.CharField(max_length=55, null=True, blank=True)  # noqa: DJ001

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="outbox_due"),
            # Events that no relay has sent: they are due regardless of due_at.
            models.Index(fields=["due_at", "id"], name="outbox_unsent", condition=Q(attempts=0)),
            # For tasks that consume events in batches.
            models.Index(
                fields=["topic", "together", "id"],
                name="outbox_together",
                condition=Q(last_error="", together__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
