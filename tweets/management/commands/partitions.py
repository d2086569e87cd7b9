"""`manage.py partitions list|divide`: tweets in partitions by year."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chirp import ids
from chirp.db.partitions import Part, PartitionError
from tweets import partitions


class Command(BaseCommand):
    """Lists the partitions of the table of tweets, or makes them."""

    help = "Divides the table of tweets into partitions by year, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="prints the partitions, with their rows and sizes")
        commands.add_parser("divide", help="makes the table the first of two partitions")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Run the subcommand."""
        try:
            if command == "divide":
                partitions.divide(now=timezone.now())
        except PartitionError as error:
            raise CommandError(str(error)) from error
        for part in partitions.all_parts():
            self.stdout.write(_line(part))
        if not partitions.all_parts():
            self.stdout.write("Tweets are in one table.")


def _line(part: Part) -> str:
    ends = f"{_day(part.low, '...')} to {_day(part.high, '...')}"
    return f"{part.name}: {ends}, about {part.rows:,} tweets, {part.size / 2**20:,.0f} MiB"


def _day(id_: int | None, otherwise: str) -> str:
    if id_ is None:
        return otherwise
    return datetime.fromtimestamp(ids.ms_of(id_) / 1000, UTC).date().isoformat()
