"""`manage.py purge HANDLE`: deletes an account for good, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import deletion, purging
from accounts.models import User


class Command(BaseCommand):
    """Go on until nothing is left. If it is interrupted, workers finish it, or the next run."""

    help = "Deletes an account and all that belongs to it for good, now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("handle", help="the handle of the account")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, handle: str, yes: bool, **options: Any) -> None:
        """Ask, and delete."""
        user = User.objects.by_handle(handle.removeprefix("@")).first()
        if user is None:
            raise CommandError(f"There is no account @{handle.removeprefix('@')}.")
        question = f"Delete {user} with {user.tweets_count:,} tweets for good? Type the handle: "
        if not yes and input(question).removeprefix("@").lower() != user.handle.lower():
            raise CommandError("Nothing was deleted.")
        deletion.delete_now(user=user, now=timezone.now())
        while not purging.purge_some(user_id=user.pk):
            self.stdout.write(".", ending="")
            self.stdout.flush()
        self.stdout.write(f"{user} is deleted.")
