"""The configuration of the accounts app."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, sign-in, API tokens and idempotency keys."""

    name = "accounts"

    def ready(self) -> None:
        """Load what the admin does not find by itself."""
        import_module("accounts.mail.admin")
        import_module("accounts.joining.admin")
        import_module("accounts.sso.admin")
