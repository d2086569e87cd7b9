"""`manage.py changepassword HANDLE`: in place of Django's own, which knows nothing of our services.

Django's would write the whole row back after it has waited for the answer, counts included, and
would leave the person's sign-ins open.
"""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User


class Command(BaseCommand):
    """Asks twice, as one cannot see what one types."""

    help = "Gives somebody a new password; every sign-in of theirs ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whom."""
        parser.add_argument("handle")

    def handle(self, *args: Any, handle: str, **options: Any) -> None:
        """Ask, and set it."""
        user: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
        if user is None:
            raise CommandError(f"Nobody is called {handle!r}.")
        new = getpass(f"New password of {user}: ")
        if new != getpass("The same again: "):
            raise CommandError("These were two passwords.")
        try:
            services.set_password(user=user, new=new)
        except services.WeakPassword as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{user} has a new password.")
