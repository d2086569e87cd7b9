"""Devices that get notifications, and what is on its way to them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import SiteSession, TokenFamily
from accounts.oauth.models import AppToken
from chirp.outbound.addresses import URL_LENGTH
from notifications.kinds import CHOICES


class PushSubscription(models.Model):
    """A device that gets notifications of an account. It is of one sign-in, and ends with it.

    That is a session of the site, a sign-in through the API, or the token of an app. `standard` is
    whether its messages are those of RFC 8291, or else of the draft. `token` is the one of the app,
    sealed: apps know by it which of their accounts a message is for.

    `failures` counts the tries since the last success, and `failing_since` is the first of them.
    Nothing is sent before `resume_at`.
    """

    class Policy(models.TextChoices):
        """Whose doings the device hears of."""

        ALL = "all", _("Everybody")
        FOLLOWED = "followed", _("People whom you follow")
        FOLLOWER = "follower", _("People who follow you")
        NONE = "none", _("Nobody")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions"
    )
    session = models.OneToOneField(SiteSession, models.CASCADE, null=True, related_name="+")
    family = models.OneToOneField(TokenFamily, models.CASCADE, null=True, related_name="+")
    app_token = models.OneToOneField(AppToken, models.CASCADE, null=True, related_name="+")
    endpoint = models.CharField(max_length=URL_LENGTH)
    device_key = models.BinaryField(max_length=65)
    auth = models.BinaryField(max_length=16)
    standard = models.BooleanField(default=True)
    token = models.TextField(blank=True, default="")
    kinds = ArrayField(models.CharField(max_length=14, choices=CHOICES), default=list)
    policy = models.CharField(max_length=8, choices=Policy.choices, default=Policy.ALL)
    created_at = models.DateTimeField(db_default=Now())
    succeeded_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    objects: ClassVar[models.Manager["PushSubscription"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(session__isnull=False, family=None, app_token=None)
                    | Q(session=None, family__isnull=False, app_token=None)
                    | Q(session=None, family=None, app_token__isnull=False)
                ),
                name="push_subscription_of_one_sign_in",
            )
        ]

    def __str__(self) -> str:
        return f"device #{self.pk} of {self.user}"


class Push(models.Model):
    """A notification on its way to a device: the newest of its group that has not been sent.

    The row is deleted once it was sent. A worker claims it by moving `due_at`.
    """

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(
        PushSubscription, models.CASCADE, related_name="pushes", db_index=False
    )
    # Numbers only: what has gone by then is not sent.
    recipient_id = models.BigIntegerField()
    group_id = models.BigIntegerField()
    notification_id = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(db_default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "pushes"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "group_id"], name="push_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="push_due"),
            models.Index(fields=["recipient_id"], name="push_of_account"),
        ]

    def __str__(self) -> str:
        return f"push #{self.pk}"
