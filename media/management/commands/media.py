"""`manage.py media ...`: figures of uploads, and their clean-up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from media import cleaning, selectors, storage


class Command(BaseCommand):
    """Look after uploads, with one subcommand for each task."""

    help = "Counts uploads, and removes those that are of no use."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("stats", help="show how many uploads there are, and their sizes")
        clean = commands.add_parser("clean", help="remove uploads that are of no use for a day")
        clean.add_argument("--storage", action="store_true", help="also files without an upload")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Run the subcommand."""
        try:
            getattr(self, f"_{command}")(options)
        except storage.StorageAway as error:
            raise CommandError(error.detail) from error

    def _stats(self, options: dict[str, Any]) -> None:
        for purpose, kind, state, number, size in selectors.totals():
            self.stdout.write(f"{purpose} {kind} {state}: {number}, {filesizeformat(size)}")

    def _clean(self, options: dict[str, Any]) -> None:
        removed, now = 0, timezone.now()
        while more := cleaning.clean(now=now):
            removed += more
        self.stdout.write(f"Removed {removed} uploads.")
        if options["storage"]:
            self.stdout.write(f"Removed files of {cleaning.remove_strays(now=now)} others.")
