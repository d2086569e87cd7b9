"""`manage.py restore BACKUP`: make this site what a backup holds."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import backups
from operations.backup_manifest import BackupError


class Command(BaseCommand):
    """Restores a backup into this site: docs/backups.md."""

    help = "Replaces the database and secrets by those of a backup, and puts its media there."
    requires_system_checks = []  # the database may be empty

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "backup", type=Path, help="a backup, or a directory of backups for its newest one"
        )
        parser.add_argument(
            "--replace", action="store_true", help="even if this site has accounts: all is lost"
        )
        parser.add_argument(
            "--skip-damaged",
            action="store_true",
            help="leave out files of media and secrets that are damaged in the backup",
        )

    def handle(
        self, *args: Any, backup: Path, replace: bool, skip_damaged: bool = False, **options: Any
    ) -> None:
        """Restore the backup."""
        try:
            with backups.explained():
                if found := backups.all_in(backup):
                    backup = found[-1]
                if not (replace or backups.is_empty()):
                    raise CommandError(
                        "This site has accounts. --replace deletes them, and all else, for good."
                    )
                manifest = backups.restore(backup, skip_damaged=skip_damaged)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if manifest.sums_sha256 is None:
            self.stderr.write(
                "The backup is of an older Chirp, without checksums of its media and secrets: they "
                "were restored as they are in it."
            )
        self.stdout.write(
            f"This is the site of {manifest.made_at} again. Stop Chirp and start it, so that every "
            "process uses its secrets."
        )
