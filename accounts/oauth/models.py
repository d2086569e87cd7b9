"""Apps of others, codes that they exchange for tokens, and their tokens.

Secrets, codes and tokens are random and long, so their SHA-256 is stored and nothing more.
"""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

NAME_LENGTH = 60
WEBSITE_LENGTH = 2000
HASH_LENGTH = 64


def _scopes() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=40))


class App(models.Model):
    """An app that registered itself. `used` is whether it ever got a token.

    Clients keep the id of their app for years, so one that was used is never removed.
    """

    UNUSED_KEPT = timedelta(days=30)

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=NAME_LENGTH)
    website = models.CharField(max_length=WEBSITE_LENGTH, blank=True, default="")
    redirect_uris = models.TextField(help_text="Separated by line feeds.")
    scopes = _scopes()
    client_id = models.CharField(max_length=43, unique=True)
    secret_hash = models.CharField(max_length=HASH_LENGTH)
    used = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["App"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="app_unused", condition=Q(used=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """The consent of an account, as a code that the app exchanges for a token, once."""

    LIFETIME = timedelta(minutes=10)

    id = models.BigAutoField(primary_key=True)
    app = models.ForeignKey(App, models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=HASH_LENGTH, unique=True)
    redirect_uri = models.TextField()
    scopes = _scopes()
    challenge = models.CharField(max_length=43, blank=True, default="", help_text="PKCE, S256.")
    user_version = models.PositiveIntegerField(help_text="The account's token_version.")
    used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    objects: ClassVar[models.Manager["Grant"]] = models.Manager()


class AppToken(models.Model):
    """A token of an app: for an account, or without one for the app itself. It does not expire.

    It ends with everything that ends the sign-ins of the account, which raises the account's
    `token_version` above `user_version`.
    """

    id = models.BigAutoField(primary_key=True)
    app = models.ForeignKey(App, models.CASCADE, related_name="tokens")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="app_tokens"
    )
    token_hash = models.CharField(max_length=HASH_LENGTH, unique=True)
    scopes = _scopes()
    user_version = models.PositiveIntegerField(default=0)
    grant = models.OneToOneField(Grant, models.SET_NULL, null=True, related_name="token")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["AppToken"]] = models.Manager()
