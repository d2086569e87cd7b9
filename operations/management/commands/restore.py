"""`manage.py restore BACKUP`: make this site what a backup holds."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backups


class Command(BaseCommand):
    """Restores a backup into this site: docs/backups.md."""

    help = "Replaces the database and secrets by those of a backup, and adds its media."
    requires_system_checks = []  # the database may be empty

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "backup", type=Path, help="a backup, or a directory of backups for its newest one"
        )
        parser.add_argument(
            "--replace", action="store_true", help="even if this site has accounts: all is lost"
        )

    def handle(self, *args: Any, backup: Path, replace: bool, **options: Any) -> None:
        """Restore the backup."""
        try:
            with backups.explained():
                if found := backups.all_in(backup):
                    backup = found[-1]
                if not (replace or backups.is_empty()):
                    raise CommandError(
                        "This site has accounts. --replace deletes them, and all else, for good."
                    )
                manifest = backups.restore(backup)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"This is the site of {manifest.made_at} again. Stop Chirp and start it, so that every "
            "process uses its secrets."
        )
