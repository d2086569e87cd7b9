"""Previews of pages that tweets link to. They are part of the models of media."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from chirp.outbound.addresses import URL_LENGTH
from media.previews.page import ALT_LENGTH, DESCRIPTION_LENGTH, TITLE_LENGTH


class PreviewState(models.TextChoices):
    """How far a preview is."""

    WAITING = "waiting", "Waiting"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Preview(models.Model):
    """What a page says of itself: one row for each URL, for all tweets that link to it.

    It is fetched when `due_at` is reached; None if it is not due by itself. `attempts` are those
    since it was last fetched, and `error` says why the last one failed. A page that was fetched
    once stays as it was while it cannot be fetched again.
    """

    id = models.BigAutoField(primary_key=True)
    url = models.CharField(max_length=URL_LENGTH, unique=True)
    host = models.CharField(max_length=253)
    state = models.CharField(
        max_length=7, choices=PreviewState.choices, default=PreviewState.WAITING
    )
    title = models.CharField(max_length=TITLE_LENGTH, blank=True, default="")
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True, default="")
    image = models.ForeignKey("media.Media", models.SET_NULL, null=True, related_name="+")
    image_alt = models.CharField(max_length=ALT_LENGTH, blank=True, default="")
    error = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Preview"]] = models.Manager()

    class Meta:
        verbose_name = "link preview"
        indexes = [
            models.Index(fields=["due_at"], name="preview_due", condition=~models.Q(due_at=None)),
            models.Index(fields=["host", "tried_at"], name="preview_of_host"),
        ]

    def __str__(self) -> str:
        return self.url


class TweetLink(models.Model):
    """The preview of the first link of a tweet. Tweets are above media, so theirs is a number."""

    tweet_id = models.BigIntegerField(primary_key=True)
    preview = models.ForeignKey(Preview, models.CASCADE, related_name="+")
    objects: ClassVar[models.Manager["TweetLink"]] = models.Manager()


class BlockedHost(models.Model):
    """A host of which no previews are fetched or shown, with all hosts below it."""

    id = models.BigAutoField(primary_key=True)
    host = models.CharField(max_length=253, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["BlockedHost"]] = models.Manager()

    def __str__(self) -> str:
        return self.host
