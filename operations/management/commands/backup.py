"""`manage.py backup DIRECTORY`: back the whole site up, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backups
from operations.backup_manifest import BackupError, read

KEPT = 7


class Command(BaseCommand):
    """Makes a backup in a directory of backups: docs/backups.md."""

    help = "Backs up the database, media and secrets, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("directory", type=Path, help="where backups are; made if missing")
        parser.add_argument(
            "--keep", type=int, default=KEPT, help=f"how many stay there (default: {KEPT})"
        )

    def handle(self, *args: Any, directory: Path, keep: int, **options: Any) -> None:
        """Make the backup."""
        if keep < 1:
            raise CommandError("--keep must be at least 1.")
        try:
            with backups.explained():
                made = backups.make(directory, keep=keep)
                manifest = read(made)
        except BackupError as error:
            raise CommandError(str(error)) from error
        media = "media are in a bucket" if manifest.media is None else f"{manifest.media} files"
        self.stdout.write(f"{made}: {manifest.database_bytes:,} bytes of database, {media}.")
        if changed := manifest.changed:
            self.stderr.write(
                f"{len(changed):,} files of media have other bytes than in the backup before, "
                f"{changed[0]} among them. Media never change: they are damaged in the site, "
                "unless they were just being stored then."
            )
