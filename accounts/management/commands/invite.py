"""`manage.py invite`: prints a link that lets people register."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.joining import invitations
from accounts.joining.links import invitation_path
from chirp.errors import ChirpError


class Command(BaseCommand):
    """Create an invitation in the name of nobody."""

    help = "Creates an invitation, and prints its link. It works unless registration is closed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the limits."""
        parser.add_argument("--uses", type=int, default=1, help="How many may come; 0 for any.")
        parser.add_argument("--days", type=int, default=7, help="How long it is valid; 0 for ever.")
        parser.add_argument("--note", default="", help="For whom it is. Only staff reads it.")

    def handle(self, *args: Any, uses: int, days: int, note: str, **options: Any) -> None:
        """Create it."""
        try:
            made = invitations.create(
                by=None, uses=uses or None, days=days or None, note=note, now=timezone.now()
            )
        except ChirpError as error:
            raise CommandError(f"{error.at}: {error.detail}") from error
        self.stdout.write(f"{settings.SITE_URL}{invitation_path(made.code)}")
