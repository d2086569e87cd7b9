"""One row for each event whose work is still owed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.Model):
    """An event, and the tasks that still have to consume it.

    A task that has done its work is taken out of `consumers`, and the last one removes the row: not
    the relay, when it has sent it. So neither a broker that forgets nor a worker that dies loses
    anything: what is not done when `due_at` comes (again) is sent again. What was never sent
    (`attempts` is 0) is due at once.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=64)
    consumers = ArrayField(models.CharField(max_length=128))  # names of tasks
    # Events of one topic in which this is the same can be consumed at once; None one by one.
    together = models.CharField(max_length=128, null=True)  # noqa: DJ001
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(db_default=0)
    last_error = models.TextField(db_default="", blank=True)
    # The request (or the work before) that caused it, for the log lines of the workers.
    request_id = models.CharField(max_length=64, db_default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="outbox_due"),
            # Those that no relay has sent: they are due whatever their time says.
            models.Index(fields=["due_at", "id"], name="outbox_unsent", condition=Q(attempts=0)),
            # What a task that takes several events at once looks for.
            models.Index(
                fields=["topic", "together", "id"],
                name="outbox_together",
                condition=Q(last_error="", together__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
