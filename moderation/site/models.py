"""The texts of the site, its rules, and announcements."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

RULE_LENGTH = 500
ANNOUNCEMENT_LENGTH = 500
TEXT_LENGTH = 50_000


class Site(models.Model):
    """The texts of the site: one row at most. Without it, the defaults hold."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=50, default="Chirp")
    description = models.TextField(
        max_length=500, blank=True, default="A microblog of our own.", help_text="For everybody."
    )
    contact = models.CharField(
        max_length=200, blank=True, default="", help_text="An e-mail address, or another way."
    )
    terms = models.TextField(max_length=TEXT_LENGTH, blank=True, default="")
    privacy = models.TextField(max_length=TEXT_LENGTH, blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)
    objects: ClassVar[models.Manager["Site"]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "texts of the site"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="site_only_one")]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """A rule of the site. Reports refer to rules by id, so a rule that changes keeps its id."""

    id = models.BigAutoField(primary_key=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest comes first.")
    text = models.CharField(max_length=RULE_LENGTH)
    objects: ClassVar[models.Manager["Rule"]] = models.Manager()

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text


class Announcement(models.Model):
    """A text above every page, from its start to its end, for each person until dismissed."""

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=ANNOUNCEMENT_LENGTH)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty for no end.")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Announcement"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="announcement_ends_after_start",
                violation_error_message="It must end after it starts.",
            )
        ]

    def __str__(self) -> str:
        return self.text


class Dismissal(models.Model):
    """Somebody does not want to see an announcement any more."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="+")
    objects: ClassVar[models.Manager["Dismissal"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "announcement"], name="dismissal_once")
        ]
