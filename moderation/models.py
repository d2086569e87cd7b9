"""Reports of people, and what moderators decided."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

# Django finds the models of an app in this module.
from moderation.blocks.models import EmailDomain, Network, Word  # noqa: F401
from moderation.site.models import Announcement, Dismissal, Rule, Site  # noqa: F401

COMMENT_LENGTH = 1_000
REASON_LENGTH = 1_000
APPEAL_LENGTH = 2_000
NOTE_LENGTH = 2_000
NAME_LENGTH = 12


class Category(models.TextChoices):
    """What a report is about."""

    SPAM = "spam", _("Spam: unwanted advertising or fake activity")
    ABUSE = "abuse", _("Abuse: it harasses, threatens or insults somebody")
    RULES = "rules", _("It breaks a rule of this site")
    ILLEGAL = "illegal", _("It is against the law")
    OTHER = "other", _("Something else")


class Action(models.TextChoices):
    """What a moderator can decide. All but the first are strikes."""

    DISMISS = "dismiss", _("Dismiss: nothing is wrong")
    WARN = "warn", _("Warn")
    SENSITIVE = "sensitive", _("Mark tweets as sensitive")
    HIDE_MEDIA = "hide_media", _("Hide pictures and videos of tweets")
    REMOVE = "remove", _("Remove tweets")
    LIMIT = "limit", _("Limit: strangers no longer find the account")
    SUSPEND = "suspend", _("Suspend: nobody sees the account")
    DELETE = "delete", _("Delete: suspend now, and delete the account for good after 30 days")


# Those that hide the account from everybody.
SUSPENDING = (Action.SUSPEND, Action.DELETE)
# Those that are done to tweets.
ON_TWEETS = (Action.SENSITIVE, Action.HIDE_MEDIA, Action.REMOVE)


def _account(name: str = "+", **options: Any) -> "models.ForeignKey[Any, Any]":
    """A reference to an account, which deletes the row with the account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name=name, db_index=False, **options
    )


def _staff() -> "models.ForeignKey[Any, Any]":
    """A reference to a moderator, who may be gone later."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )


class Case(models.Model):
    """The reports of one account that a moderator decides on together: one is open at a time."""

    id = models.BigAutoField(primary_key=True)
    account = _account("cases")
    assignee = _staff()
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = _staff()
    outcome = models.CharField(max_length=NAME_LENGTH, choices=Action.choices, default="")
    objects: ClassVar[models.Manager["Case"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(closed_at=None), name="case_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="case_of_account"),
            models.Index(fields=["-id"], name="case_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.account}"


class Report(models.Model):
    """What one person reported of an account, in one category, while a case was open.

    Its state is that of the case. Rules are ids, since a rule may be removed later.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reports", db_index=False)
    reporter = _account(null=True, help_text="Empty for the site itself, which found a word.")
    category = models.CharField(max_length=NAME_LENGTH, choices=Category.choices)
    rule_ids = ArrayField(models.BigIntegerField(), default=list)
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    rules: Sequence[str] = ()  # the texts of the rules, where a selector loads them
    objects: ClassVar[models.Manager["Report"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reporter", "category"],
                name="report_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["reporter", "-id"], name="report_of_reporter")]

    def __str__(self) -> str:
        return f"{self.reporter or 'The site'}: {self.get_category_display()}"


class ReportedTweet(models.Model):
    """A tweet as it was when somebody reported it. Neither edits nor deletions change it.

    The tweet is an id and no foreign key, so that the copy outlives the row. `media` are the keys
    and descriptions of its files.
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, models.CASCADE, related_name="tweets", db_index=False)
    tweet_id = models.BigIntegerField()
    text = models.TextField(blank=True)
    spoiler = models.TextField(blank=True)
    visibility = models.CharField(max_length=9)
    media = models.JSONField(default=list)
    written_at = models.DateTimeField()
    objects: ClassVar[models.Manager["ReportedTweet"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "tweet_id"], name="reported_tweet_once")
        ]


class Strike(models.Model):
    """What moderators did to an account, with the reason that its owner reads."""

    id = models.BigAutoField(primary_key=True)
    account = _account("strikes")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="strikes")
    moderator = _staff()
    action = models.CharField(max_length=NAME_LENGTH, choices=Action.choices)
    reason = models.CharField(max_length=REASON_LENGTH)
    tweet_ids = ArrayField(models.BigIntegerField(), default=list)
    mailed = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)
    lifted_by = _staff()
    objects: ClassVar[models.Manager["Strike"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="strike_of_account")]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_action_display()}"


class Appeal(models.Model):
    """The objection of an account to a strike: one at most."""

    strike = models.OneToOneField(Strike, models.CASCADE, primary_key=True, related_name="appeal")
    text = models.CharField(max_length=APPEAL_LENGTH)
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)
    decided_by = _staff()
    accepted = models.BooleanField(null=True)
    answer = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    objects: ClassVar[models.Manager["Appeal"]] = models.Manager()

    def __str__(self) -> str:
        return str(self.strike)


class Note(models.Model):
    """What a moderator noted about an account, for moderators only."""

    id = models.BigAutoField(primary_key=True)
    account = _account()
    author = _staff()
    text = models.CharField(max_length=NOTE_LENGTH)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="note_of_account")]

    def __str__(self) -> str:
        return f"{self.account}: {self.text[:60]}"


class AuditEntry(models.Model):
    """An act of a moderator or administrator. Nobody can change or delete it.

    Ids are numbers and no foreign keys: entries stay when accounts and rows are gone.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(db_default=Now())
    what = models.CharField(max_length=40)
    actor_id = models.BigIntegerField(help_text="The account that acted.")
    account_id = models.BigIntegerField(null=True, help_text="The account that it concerns.")
    subject = models.CharField(max_length=100, help_text="The kind of row.")
    subject_id = models.CharField(max_length=100)
    address = models.CharField(max_length=100, help_text="Of the client; empty for commands.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    objects: ClassVar[models.Manager["AuditEntry"]] = models.Manager()

    class Meta:
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["account_id", "-id"], name="audit_of_account"),
            models.Index(fields=["actor_id", "-id"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.subject} {self.subject_id}"
