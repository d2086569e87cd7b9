"""Uploaded files, and what was made of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from media.formats import Kind
from media.previews.models import (  # noqa: F401 - Django looks for them here
    BlockedHost,
    Preview,
    TweetLink,
)

ALT_LENGTH = 1500


class Purpose(models.TextChoices):
    """What a file was uploaded for."""

    TWEET = "tweet", "Tweet"
    AVATAR = "avatar", "Avatar"
    HEADER = "header", "Header"
    CARD = "card", "Link preview"


class State(models.TextChoices):
    """How far a file is."""

    PROCESSING = "processing", "Processing"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Media(models.Model):
    """A picture, video or recording. People see only what processing made of it: `files`.

    `key` is a random name, part of its addresses and of its paths in the storage. `original` is
    the path of the file as it was uploaded, until it is processed. `files` has the path, type,
    size in bytes, width and height of each file that was made, by name. `width` and `height` are
    those of the largest one, and `duration` is in seconds. The focal point is the part of a picture
    that is shown when it is cut: from -1 (left, bottom) to 1 (right, top).

    The tweet is an id and no foreign key, since tweets are above media. A tweet has at most one
    file at each position.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    purpose = models.CharField(max_length=6, choices=Purpose.choices, default=Purpose.TWEET)
    kind = models.CharField(max_length=5, choices=[(kind.value, kind.name) for kind in Kind])
    format = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROCESSING)
    error = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    key = models.CharField(max_length=22, unique=True)
    needed = models.BooleanField(
        default=False, db_default=False, help_text="A draft or a scheduled tweet has it."
    )
    original = models.CharField(max_length=100, blank=True, default="")
    original_bytes = models.BigIntegerField(default=0)
    files = models.JSONField(default=dict)
    bytes = models.BigIntegerField(default=0, db_default=0, help_text="Of all files.")
    alt = models.CharField(max_length=ALT_LENGTH, blank=True, default="")
    focus_x = models.FloatField(default=0)
    focus_y = models.FloatField(default=0)
    blurhash = models.CharField(max_length=60, blank=True, default="")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField(null=True)
    tweet_id = models.BigIntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Media"]] = models.Manager()

    class Meta:
        verbose_name_plural = "media"
        constraints = [
            models.UniqueConstraint(
                fields=["tweet_id", "position"],
                condition=Q(tweet_id__isnull=False),
                name="media_of_tweet",
            ),
            models.CheckConstraint(
                condition=Q(focus_x__range=(-1, 1), focus_y__range=(-1, 1)), name="media_focus"
            ),
            models.CheckConstraint(
                condition=Q(tweet_id=None) | Q(purpose="tweet"), name="media_only_for_tweets"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="media_waiting", condition=Q(state="processing")),
            # For clean-up, and for the number of uploads that an account has not used yet.
            models.Index(
                fields=["owner", "created_at"],
                name="media_without_tweet",
                condition=Q(tweet_id=None),
            ),
        ]
