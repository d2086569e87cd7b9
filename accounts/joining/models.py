"""The terms of registration, invitations, and accounts that wait."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.joining import domains

MESSAGE_LENGTH = 500
NOTE_LENGTH = 100
REASON_LENGTH = 1000
CODE_LENGTH = 22


class Mode(models.TextChoices):
    """Who may register."""

    OPEN = "open", "Everybody"
    INVITATION = "invitation", "Who has an invitation"
    APPROVAL = "approval", "Everybody, after staff has approved"
    DOMAINS = "domains", "Who has an e-mail address of a domain below"
    CLOSED = "closed", "Nobody"


def default_mode() -> str:
    """Return the mode of a site where nobody has chosen one."""
    mode: str = settings.REGISTRATION
    return mode


class Terms(models.Model):
    """Who may register: one row at most. Without it, the defaults hold."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=default_mode)
    domains = models.TextField(
        max_length=5000,
        blank=True,
        default="",
        validators=[domains.validate],
        help_text="One in each line. Subdomains are other domains.",
    )
    members_invite = models.BooleanField(
        default=False,
        verbose_name="members may invite",
        help_text="Otherwise only staff does. Who is invited needs neither an approval nor an "
        "address of these domains.",
    )
    message = models.CharField(
        max_length=MESSAGE_LENGTH,
        blank=True,
        default="",
        help_text="On the sign-up page, such as whom to ask for an invitation.",
    )
    updated_at = models.DateTimeField(auto_now=True)
    objects: ClassVar[models.Manager["Terms"]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "registration"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="terms_only_one"),
            models.CheckConstraint(
                condition=~Q(mode="domains") | ~Q(domains=""),
                name="terms_have_domains",
                violation_error_message="Name at least one domain.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_mode_display()


class Invitation(models.Model):
    """A link that lets people register, until it is used up, revoked or expired."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="invitations",
        help_text="Nobody, if an operator made it.",
    )
    note = models.CharField(max_length=NOTE_LENGTH, blank=True, default="")
    uses_left = models.PositiveIntegerField(null=True, help_text="Empty for any number.")
    expires_at = models.DateTimeField(null=True, help_text="Empty for never.")
    revoked_at = models.DateTimeField(null=True)
    follow = models.BooleanField(
        default=False, help_text="Who comes by it follows who made it, from the start."
    )
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Invitation"]] = models.Manager()

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Arrival(models.Model):
    """An account that came by an invitation."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="arrival"
    )
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="arrivals")
    objects: ClassVar[models.Manager["Arrival"]] = models.Manager()


class Waiting(models.Model):
    """An account that waits. Until it may begin, it is deactivated: nobody sees it.

    One that waits for longer than KEPT is deleted.
    """

    class For(models.TextChoices):
        """What it waits for."""

        APPROVAL = "approval", "Approval"
        ADDRESS = "address", "Confirmation of the address"

    KEPT = timedelta(days=30)

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="waiting"
    )
    what = models.CharField(max_length=8, choices=For.choices)
    reason = models.TextField(max_length=REASON_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    objects: ClassVar[models.Manager["Waiting"]] = models.Manager()

    class Meta:
        verbose_name, verbose_name_plural = "account that waits", "accounts that wait"

    def __str__(self) -> str:
        return str(self.user)
