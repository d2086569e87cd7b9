"""`manage.py changepassword HANDLE`: replaces Django's command, which bypasses our services.

Django's command saves the whole row after the prompt. That overwrites counts that changed in the
meantime, and it keeps the API tokens of the account valid.
"""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.creation import WeakPassword, normalized_password
from accounts.models import User


class Command(BaseCommand):
    """Set a password. It is entered twice, because the terminal does not show it."""

    help = "Sets the password of an account and ends all its sessions and tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the handle."""
        parser.add_argument("handle")

    def handle(self, *args: Any, handle: str, **options: Any) -> None:
        """Prompt for the password and set it."""
        user: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
        if user is None:
            raise CommandError(f"There is no account {handle!r}.")
        new = normalized_password(getpass(f"New password of {user}: "))
        if new != normalized_password(getpass("New password (again): ")):
            raise CommandError("The passwords do not match.")
        try:
            services.set_password(user=user, new=new)
        except WeakPassword as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{user} has a new password.")
