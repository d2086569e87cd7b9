"""`manage.py search rebuild`: write the index of search anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search import rebuilding


class Command(BaseCommand):
    """Rebuild the index of search."""

    help = "Writes the index of search anew. One that was interrupted continues where it was."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommand."""
        commands = parser.add_subparsers(dest="command", required=True)
        rebuild = commands.add_parser("rebuild", help="index all tweets, accounts and hashtags")
        rebuild.add_argument("--again", action="store_true", help="begin at the first one")

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        """Run the subcommand."""
        for part, done in rebuilding.rebuild(again=again):
            self.stdout.write(f"Indexed {done:,} {part}.")
        self.stdout.write("The index is complete.")
