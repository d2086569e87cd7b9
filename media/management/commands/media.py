"""`manage.py media ...`: figures of uploads and link previews, and their clean-up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from chirp.errors import ChirpError
from media import cleaning, selectors, storage
from media.previews import read, services


class Command(BaseCommand):
    """Look after uploads, with one subcommand for each task."""

    help = "Counts uploads and link previews, and removes those that are of no use."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("stats", help="show how many uploads there are, and their sizes")
        clean = commands.add_parser("clean", help="remove uploads that are of no use for a day")
        clean.add_argument("--storage", action="store_true", help="also files without an upload")
        previews = commands.add_parser("previews", help="show how many link previews there are")
        previews.add_argument("--refetch", metavar="URL", help="fetch this one again")
        previews.add_argument("--block", metavar="HOST", help="delete those of a host; fetch none")
        previews.add_argument("--unblock", metavar="HOST", help="fetch from a host again")

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

    def _previews(self, options: dict[str, Any]) -> None:
        try:
            if options["block"]:
                services.block_host(host=options["block"])
        except ChirpError as error:
            raise CommandError(error.detail) from error
        if options["unblock"]:
            services.unblock_host(host=options["unblock"])
        url = options["refetch"]
        if url and not services.refetch(url=url, now=timezone.now()):
            raise CommandError("No tweet that everybody may see links to that.")
        for state, number in read.totals():
            self.stdout.write(f"{state}: {number}")
