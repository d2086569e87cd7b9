"""Users, their API sign-ins, and idempotency keys."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Collate, Lower, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts import creation
from accounts.appearance import CHOICES
from accounts.defaults import QUOTES_FROM
from accounts.oauth.models import App, AppToken, Grant  # noqa: F401 - Django looks for them here
from accounts.validation import HANDLE_PATTERN, canonical_email
from chirp.errors import ChirpError


class UserQuerySet(models.QuerySet["User"]):
    """Filters on accounts."""

    def active(self) -> "UserQuerySet":
        """Accounts that are neither deactivated nor suspended."""
        return self.filter(deactivated_at=None, suspended_at=None)

    def listed(self) -> "UserQuerySet":
        """Those of them that strangers find without looking for them: public and not limited."""
        return self.active().filter(private=False, limited_at=None)

    def by_handle(self, handle: str) -> "UserQuerySet":
        """The account with this handle, regardless of case: at most one."""
        return self.annotate(handle_lower=Lower("handle")).filter(handle_lower=handle.lower())

    def by_handles(self, handles: Iterable[str]) -> "UserQuerySet":
        """The accounts with these handles, regardless of case."""
        wanted = [handle.lower() for handle in handles]
        return self.alias(handle_lower=Lower("handle")).filter(handle_lower__in=wanted)

    def by_prefix(self, beginning: str) -> "UserQuerySet":
        """The accounts whose handle begins with this text, regardless of case."""
        handles = self.alias(handle_bytes=Collate(Lower("handle"), "C"))
        return handles.filter(handle_bytes__startswith=beginning.lower())

    def by_email(self, email: str) -> "UserQuerySet":
        """The account with this e-mail address, in any form and case: at most one."""
        wanted = Lower(Value(canonical_email(email)))
        return self.alias(email_lower=Lower("email")).filter(email_lower=wanted)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """The manager that Django's own commands use to find and create users."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this handle, regardless of case. Raises User.DoesNotExist."""
        found: User = self.by_handle(username or "").get()
        return found

    def create_superuser(self, handle: str, email: str, password: str, **_: Any) -> "User":
        """Create a superuser, for `manage.py createsuperuser`. The usual rules apply.

        Raises ValidationError, which that command reports.
        """
        try:
            user: User = creation.create(self.model, handle=handle, email=email, password=password)
        except ChirpError as error:
            raise ValidationError(error.detail) from error
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        return user


def _choice(name: str) -> "models.CharField[str, str]":
    """One of accounts.appearance."""
    choices = [(value, value) for value in CHOICES[name]]
    return models.CharField(max_length=8, blank=True, default="", db_default="", choices=choices)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Its counts change in the transaction of the rows that they count."""

    id = models.BigAutoField(primary_key=True)
    handle = models.CharField(max_length=30)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=50, blank=True, default="")
    bio = models.CharField(max_length=500, blank=True, default="")
    place = models.CharField(max_length=100, blank=True, default="")
    link = models.URLField(max_length=200, blank=True, default="")
    avatar = models.CharField(
        max_length=22, blank=True, default="", db_default="", help_text="The key of its media."
    )
    header = models.CharField(
        max_length=22, blank=True, default="", db_default="", help_text="The key of its media."
    )
    private = models.BooleanField(default=False, help_text="Follow requests must be accepted.")
    quotes_from = models.CharField(
        max_length=9,
        choices=[(value, value) for value in QUOTES_FROM],
        default=QUOTES_FROM[0],
        db_default=QUOTES_FROM[0],
        help_text="Who may quote its tweets, unless one says otherwise.",
    )
    reposts_hidden_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then, home leaves out what others repost."
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Such as Europe/Berlin. Empty: the one that the browser names.",
    )
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text="Of pages and e-mails, such as de. Empty: the one that the browser names.",
    )
    theme = _choice("theme")
    contrast = _choice("contrast")
    text_size = _choice("text_size")
    motion = _choice("motion")
    is_staff = models.BooleanField(default=False, help_text="May use the admin.")
    created_at = models.DateTimeField(db_default=Now())
    deactivated_at = models.DateTimeField(null=True, blank=True)
    delete_at = models.DateTimeField(
        null=True, blank=True, help_text="When the account, hidden since, is deleted for good."
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    limited_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then, strangers find its tweets nowhere."
    )
    token_version = models.PositiveIntegerField(
        default=0, help_text="Incremented to invalidate all access tokens."
    )
    followers_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)
    tweets_count = models.PositiveIntegerField(default=0)
    likes_count = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("handle"), name="user_handle_unique"),
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(handle__regex=HANDLE_PATTERN), name="user_handle_form"
            ),
        ]
        indexes = [
            # For the admin: the collation "C" is the one in which an index finds a beginning.
            models.Index(Collate(Lower("handle"), "C"), name="user_handle_prefix"),
            models.Index(fields=["-id"], name="user_staff", condition=Q(is_staff=True)),
            models.Index(
                fields=["-id"], name="user_deactivated", condition=Q(deactivated_at__isnull=False)
            ),
            models.Index(
                fields=["delete_at"], name="user_deleting", condition=Q(delete_at__isnull=False)
            ),
            models.Index(
                fields=["-id"], name="user_suspended", condition=Q(suspended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Neither deactivated nor suspended."""
        return self.deactivated_at is None and self.suspended_at is None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # The hash includes the token version, so invalidating access tokens also ends sessions.
        secrets = f"{self.password} {self.token_version}"
        return salted_hmac("chirp.session", secrets, secret=secret, algorithm="sha256").hexdigest()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password without saving, in the form in which it is checked."""
        given = raw_password and creation.normalized_password(raw_password)
        super().set_password(given)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password, however its characters are composed."""
        given = raw_password and creation.normalized_password(raw_password)
        return super().check_password(given)

    @property
    def display_name(self) -> str:
        """The name, or the handle if there is no name."""
        return self.name or self.handle


class TokenFamily(models.Model):
    """One sign-in through the API: a chain of refresh tokens, of which only `current` is valid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="token_families")
    current = models.UUIDField(default=uuid.uuid4)
    agent = models.CharField(max_length=200, default="", db_default="")
    address = models.CharField(max_length=100, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)


class SiteSession(models.Model):
    """A session of the site: what its owner needs to recognize it. Its rest is Django's."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="site_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=200, help_text="What the browser says of itself.")
    address = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField()


class IdempotentRequest(models.Model):
    """The response to a POST with an `Idempotency-Key`, stored so that it can be repeated.

    `status` and `response` (the JSON body as sent) are set before the row is committed. Forms of
    the site also store their keys here, without a response.
    """

    KEPT = timedelta(hours=24)

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="Hash of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    response = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_once")]


class RetiredHandle(models.Model):
    """A handle of an account that was deleted, which nobody gets again: a keyed hash of it."""

    hash = models.CharField(max_length=64, primary_key=True)
    objects: ClassVar[models.Manager["RetiredHandle"]] = models.Manager()


class PendingRecount(models.Model):
    """An account whose activity began or ceased to be visible, and whose counts are being redone.

    While there is a row, counts of others may still include what the account did, or lack it.
    `version` is the number of changes since the row was created.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    version = models.PositiveIntegerField(default=1)


class SecurityEvent(models.Model):
    """Something that concerns the security of an account, for its owner and for operators."""

    class Kind(models.TextChoices):
        """What happened. The labels are what the owner reads."""

        REGISTERED = "registered", _("Account created")
        LET_IN = "let_in", _("Account let in")
        SIGNED_IN = "signed_in", _("Logged in")
        SIGN_IN_FAILED = "sign_in_failed", _("Failed login: wrong password")
        SIGNED_OUT = "signed_out", _("Logged out")
        WRONG_PASSWORD = "wrong_password", _("Wrong password, entered while logged in")
        PASSWORD_CHANGED = "password_changed", _("Password changed; all other sessions ended")
        PASSWORD_RESET = "password_reset", _("Password set by e-mail; all sessions ended")
        PASSWORD_SET = "password_set", _("Password set by an operator; all sessions ended")
        EMAIL_VERIFIED = "email_verified", _("E-mail address confirmed")
        EMAIL_CHANGED = "email_changed", _("E-mail address changed")
        APP_ADDED = "app_added", _("Authenticator app added")
        PASSKEY_ADDED = "passkey_added", _("Passkey added")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        FACTORS_RESET = "factors_reset", _("All second factors removed by an operator")
        CODES_REPLACED = "codes_replaced", _("Recovery codes replaced")
        WRONG_CODE = "wrong_code", _("Wrong code in the second step")
        WRONG_PASSKEY = "wrong_passkey", _("Passkey refused")
        PASSKEY_COPIED = "passkey_copied", _("Passkey refused: there may be a copy of it")
        SESSION_REVOKED = "session_revoked", _("Logged out elsewhere")
        OTHERS_REVOKED = "others_revoked", _("Logged out everywhere else")
        SESSION_ENDED = "session_ended", _("Session ended, because an old refresh token was used")
        SSO_CONNECTED = "sso_connected", _("Single sign-on connected")
        SSO_DISCONNECTED = "sso_disconnected", _("Single sign-on disconnected")
        DEACTIVATED = "deactivated", _("Account deactivated; all sessions ended")
        REACTIVATED = "reactivated", _("Account reactivated")
        DELETION_ASKED = "deletion_asked", _("Deletion of the account ordered; all sessions ended")
        DELETION_KEPT = "deletion_kept", _("Deletion of the account cancelled")
        SUSPENDED = "suspended", _("Account suspended by an operator; all sessions ended")
        UNSUSPENDED = "unsuspended", _("Suspension lifted by an operator")

    KEPT = timedelta(days=90)

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="security_events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    address = models.CharField(max_length=100, help_text="Of the client; empty for operators.")
    network = models.CharField(max_length=100, help_text="The address, or the /64 of IPv6.")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="security_of_user"),
            models.Index(fields=["address", "-id"], name="security_of_address"),
            models.Index(fields=["network", "-id"], name="security_of_network"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"


class OutgoingMail(models.Model):
    """An e-mail that the mail server has not accepted yet. It may hold secrets."""

    KEPT = timedelta(days=1)

    user = models.ForeignKey(
        User, models.CASCADE, null=True, help_text="None if it outlives its account."
    )
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    claimed_at = models.DateTimeField(null=True)


class KeptMail(models.Model):
    """An e-mail of a site that has no mail server, for superusers. It may hold secrets."""

    KEPT = timedelta(days=7)

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name_plural = "kept mail"

    def __str__(self) -> str:
        return self.subject


# Django looks for them here.
from accounts.joining.models import Arrival, Invitation, Terms, Waiting  # noqa: E402, F401
