"""People and what is between them."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, sign-in, follows, blocks and mutes."""

    name = "accounts"
