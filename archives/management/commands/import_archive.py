"""`manage.py import_archive HANDLE FILE`: import an archive for an account, to its end."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import User
from archives import running, services
from archives.models import Import, State
from archives.registry import AUTO, BY_NAME
from archives.wording import RESULTS
from chirp.errors import ChirpError


class Command(BaseCommand):
    """Import in this process, so that no worker is needed. Workers go on if it is interrupted."""

    help = "Imports an archive for an account: of Chirp, of Twitter, of Mastodon, or a CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("handle")
        parser.add_argument("file", type=_file, help="the archive, as it was downloaded")
        parser.add_argument(
            "--kind", choices=[AUTO, *BY_NAME], default=AUTO, help="default: what is in the file"
        )

    def handle(self, *args: Any, handle: str, file: Path, kind: str, **options: Any) -> None:
        """Import the archive, show the progress, and report the result."""
        owner: User | None = User.objects.by_handle(handle.removeprefix("@")).first()
        if owner is None or not owner.is_active:
            raise CommandError(f"There is no active account {handle!r}.")
        try:
            with file.open("rb") as content:
                row = services.begin(owner=owner, file=File(content, file.name), kind=kind)
            self._run(row)
        except ChirpError as error:
            raise CommandError(error.detail) from error
        self._report(row)

    def _run(self, row: Import) -> None:
        with tqdm(desc="Importing", unit=" entries", disable=None) as bar:
            while row.state == State.RUNNING:
                running.step(import_id=row.pk, turn=row.turn, limited=False)
                row.refresh_from_db()
                bar.total = row.total
                bar.update(row.done - bar.n)

    def _report(self, row: Import) -> None:
        if row.state != State.DONE:
            raise CommandError(row.error or "It was cancelled.")
        for problem in row.problems:
            self.stderr.write(problem)
        for key, words in RESULTS.items():
            if key in row.results:
                self.stdout.write(f"{words}: {row.results[key]:,}")


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"{text} is no file")
    return path
