"""The models of drafts and scheduled tweets."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Draft(models.Model):
    """A tweet or a thread that somebody began: see tweets.later.content for `content`.

    `reason` says why it could not be posted, for one that was scheduled.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    content = models.JSONField()
    reason = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Draft"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="draft_of_user")]


class ScheduledTweet(models.Model):
    """A tweet or a thread that is to be posted at `due_at`. The row is deleted when it is."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    content = models.JSONField()
    due_at = models.DateTimeField()
    objects: ClassVar[models.Manager["ScheduledTweet"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="scheduled_of_user"),
            # Only what has not been posted has a row: the index of what is due stays small.
            models.Index(fields=["due_at"], name="scheduled_due"),
        ]
