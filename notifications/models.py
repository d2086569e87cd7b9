"""Notifications, their groups, and how an account wants to hear of them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from notifications.kinds import ABOUT_PEOPLE, CHOICES, MAILED
from notifications.push.models import Push, PushSubscription  # noqa: F401 - Django looks here

NOTE_LENGTH = 500


def mailed_kinds() -> list[str]:
    """Return the kinds that a digest contains by default."""
    return list(MAILED)


class Group(models.Model):
    """What a recipient reads: "A and 4 others liked your tweet". One row, whatever its size.

    `count`, `actors` (the newest ones), `newest_id` and `newest_at` describe the notifications of
    the group that are neither retracted nor filtered. `visible` is whether the recipient may see
    the tweet. `bucket` separates groups that are about the same: new followers by day, notices of
    moderators by their reference. All columns change under the lock on the recipient
    (notifications/settling.py).
    """

    id = models.BigAutoField(primary_key=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_groups", db_index=False
    )
    kind = models.CharField(max_length=14, choices=CHOICES)
    tweet = models.ForeignKey("tweets.Tweet", models.CASCADE, null=True, related_name="+")
    bucket = models.BigIntegerField(db_default=0)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True, db_default="")
    count = models.PositiveIntegerField(db_default=0)
    actors = ArrayField(models.BigIntegerField(), db_default=[])
    newest_id = models.BigIntegerField(db_default=0)
    newest_at = models.DateTimeField(db_default=Now())
    visible = models.BooleanField(db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "tweet", "bucket"],
                condition=Q(tweet__isnull=False),
                name="group_of_tweet_once",
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "bucket"],
                condition=Q(tweet=None),
                name="group_without_tweet_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-newest_id"],
                name="group_page",
                condition=Q(count__gt=0, visible=True),
            ),
            models.Index(fields=["newest_at"], name="group_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class Notification(models.Model):
    """One account did one thing that concerns another: unique for (recipient, kind, tweet, actor).

    `standing` is false while the cause is undone, or while there is a block or a mute. The row
    stays, so that doing the same again notifies nobody again. `filtered` notifications come from
    strangers and wait in the requests. Ids increase in the order of commits for each recipient, so
    "read up to" is exact. Notices without an actor have none.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, models.CASCADE, related_name="notifications", db_index=False)
    # The group has both as well. They are here for the indexes below, and `recipient_id` is no
    # foreign key, since that would take one more index of as many rows.
    recipient_id = models.BigIntegerField()
    kind = models.CharField(max_length=14, choices=CHOICES)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    standing = models.BooleanField(default=True)
    filtered = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "actor"],
                condition=Q(actor__isnull=False),
                name="notification_once",
            ),
            models.UniqueConstraint(fields=["group"], condition=Q(actor=None), name="notice_once"),
            # Groups of new followers are by day: the same follow is not in two of them.
            models.UniqueConstraint(
                fields=["recipient_id", "kind", "actor"],
                condition=Q(kind__in=[str(kind) for kind in ABOUT_PEOPLE]),
                name="notification_about_people_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["group", "-id"],
                name="notification_newest",
                condition=Q(standing=True, filtered=False),
            ),
            # For those who read them one by one.
            models.Index(
                fields=["recipient_id", "-id"],
                name="notification_page",
                condition=Q(standing=True, filtered=False),
            ),
            # For blocks, mutes and requests (a pair), and for suspensions (an actor).
            models.Index(fields=["actor", "recipient_id", "id"], name="notification_between"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Request(models.Model):
    """A stranger whose notifications are filtered, as one entry of the recipient's requests.

    `count` and `newest_id` are about the filtered notifications above `dismissed_up_to`. An
    accepted stranger is filtered no more.
    """

    id = models.BigAutoField(primary_key=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    count = models.PositiveIntegerField(db_default=0)
    newest_id = models.BigIntegerField(db_default=0)
    dismissed_up_to = models.BigIntegerField(db_default=0)
    accepted = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "actor"], name="notification_request_once")
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-newest_id"],
                name="notification_requests",
                condition=Q(count__gt=0, accepted=False),
            )
        ]


class Settings(models.Model):
    """How an account wants to hear of what concerns it. An account without a row has the defaults.

    `off` are the kinds that are not even stored, `mailed` those that the digest contains.
    """

    class Strangers(models.TextChoices):
        """What happens to notifications from accounts that the recipient does not follow."""

        ACCEPT = "accept", _("Show them")
        FILTER = "filter", _("Keep them among the requests")
        DROP = "drop", _("Drop them")

    class Digest(models.TextChoices):
        """How often unread notifications are sent by e-mail."""

        OFF = "off", _("Never")
        DAILY = "daily", _("Once a day")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="notification_settings",
    )
    off = ArrayField(models.CharField(max_length=14, choices=CHOICES), default=list)
    mailed = ArrayField(models.CharField(max_length=14, choices=CHOICES), default=mailed_kinds)
    strangers = models.CharField(max_length=6, choices=Strangers.choices, default=Strangers.ACCEPT)
    digest = models.CharField(max_length=5, choices=Digest.choices, default=Digest.OFF)

    class Meta:
        verbose_name_plural = "settings"
        indexes = [
            models.Index(fields=["user"], name="digest_readers", condition=Q(digest="daily"))
        ]


class Digest(models.Model):
    """The digest of a day for an account: there is at most one.

    `sent_at` is set before it is sent. `position` is that of the newest notification in it.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", db_index=False
    )
    day = models.DateField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    position = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once")]


class Marker(models.Model):
    """How far an account has read a list, on any of its devices.

    For `home` the position is the id of a tweet, for `notifications` that of a notification.
    """

    class Name(models.TextChoices):
        """The lists that have a read position."""

        HOME = "home", _("Home")
        NOTIFICATIONS = "notifications", _("Notifications")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=13, choices=Name.choices)
    last_read_id = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="marker_once")]
