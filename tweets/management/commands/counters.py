"""`manage.py counters check|repair`: compare every stored count with the rows that it counts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people import counters as people
from tweets import counters as tweets


class Command(BaseCommand):
    """Check or repair the stored counts of accounts and tweets."""

    help = "Checks every stored count against the rows that it counts, or corrects it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("check", help="list every wrong count; exits with 1 if there is one")
        commands.add_parser("repair", help="list every wrong count and correct it")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Run the subcommand."""
        wrong = [*people.check(), *tweets.check()]
        for mismatch in wrong:
            self.stdout.write(str(mismatch))
        if not wrong:
            self.stdout.write("Every count is right.")
        elif command == "repair":
            rows = people.repair() + tweets.repair()
            self.stdout.write(f"Corrected {len(wrong):,} counts of {rows:,} accounts and tweets.")
        else:
            raise CommandError(f"{len(wrong):,} counts are wrong: `counters repair` mends them.")
