"""`manage.py audit`: print the audit log."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from moderation import audit


class Command(BaseCommand):
    """Print the audit log, one JSON object a line."""

    help = "Prints the audit log, oldest first, one JSON object a line."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the filters."""
        parser.add_argument("--since", type=_day, help="a day, as in 2026-11-28 (UTC)")
        parser.add_argument("--by", help="the handle of the account that acted")
        parser.add_argument("--on", help="the handle of the account that it concerns")

    def handle(
        self, *args: Any, since: datetime | None, by: str | None, on: str | None, **options: Any
    ) -> None:
        """Print the entries."""
        found = audit.entries(since=since, actor_id=_id(by), account_id=_id(on))
        for entry in found:
            self.stdout.write(orjson.dumps(entry).decode())


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError("a day looks like 2026-11-28") from None


def _id(handle: str | None) -> int | None:
    if handle is None:
        return None
    found = User.objects.by_handle(handle.removeprefix("@")).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no account @{handle.removeprefix('@')}.")
    return int(found)
