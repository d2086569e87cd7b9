"""`manage.py export_archive HANDLE FILE`: write everything that an account has into an archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from archives.exporting import services
from chirp.errors import ChirpError


class Command(BaseCommand):
    """The archive is the one that people get in their settings, and `import_archive` reads it."""

    help = "Writes everything that an account has into an archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("handle")
        parser.add_argument("file", type=Path, help="the archive to write; it must not exist")

    def handle(self, *args: Any, handle: str, file: Path, **options: Any) -> None:
        """Write the archive."""
        owner: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
        if owner is None:
            raise CommandError(f"There is no account {handle!r}.")
        try:
            with file.open("xb") as target:
                services.write_file(target, owner=owner)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        except ChirpError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes.")
