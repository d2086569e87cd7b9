"""The filters of a reader, and their phrases."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

TITLE_LENGTH = 100
PHRASE_LENGTH = 100


class Action(models.TextChoices):
    """What a filter does with a tweet."""

    WARN = "warn", _("Hide it behind a warning")
    BLUR = "blur", _("Cover its pictures, videos and recordings")
    HIDE = "hide", _("Leave it out")


# What those filters do that leave a tweet where it is.
SHOWN_ACTIONS = [choice for choice in Action.choices if choice[0] != Action.HIDE]


class Context(models.TextChoices):
    """Where a filter applies."""

    HOME = "home", _("Home and lists")
    PUBLIC = "public", _("Explore, hashtags and search")
    THREAD = "thread", _("Conversations")
    PROFILE = "profile", _("Profiles")
    NOTIFICATIONS = "notifications", _("Notifications")


class Filter(models.Model):
    """What one account does not want to read: until `expires_at`, if that is set.

    `contexts` is a list of values of `Context`.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="filters")
    title = models.CharField(max_length=TITLE_LENGTH)
    contexts = models.JSONField(default=list)
    action = models.CharField(max_length=4, choices=Action, default=Action.WARN)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Filter"]] = models.Manager()


class FilterPhrase(models.Model):
    """One phrase of a filter."""

    id = models.BigAutoField(primary_key=True)
    filter = models.ForeignKey(Filter, models.CASCADE, related_name="phrases", db_index=False)
    text = models.CharField(max_length=PHRASE_LENGTH)
    whole_word = models.BooleanField(default=True)
    objects: ClassVar[models.Manager["FilterPhrase"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filter", "text"], name="phrase_once")]
