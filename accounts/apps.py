"""The configuration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, sign-in, API tokens and idempotency keys."""

    name = "accounts"
