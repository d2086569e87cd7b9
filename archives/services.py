"""Begin an import, and cancel it. The work itself is in archives/running.py."""

import secrets
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.models import User
from archives.events import ImportContinued, ImportEnded
from archives.files import Archive, BadArchive
from archives.models import Import, Record, State
from archives.registry import AUTO, kind_of
from archives.selectors import access_import
from chirp.errors import Conflict, TooLarge
from chirp.plain_text import salvaged
from chirp.texts import text as _
from media import storage
from outbox.services import publish
from tweets import history

MEGABYTE = 1024 * 1024
DIRECTORY = "imports"  # in the storage; uploads are in directories with names of two characters


class ArchiveTooLarge(TooLarge):
    """The file has more bytes than an upload may have."""

    field = "file"

    def __init__(self) -> None:
        super().__init__(f"The archive is too large: at most {settings.IMPORT_MAX_MB:,} MB.")


class ImportRunning(Conflict):
    """Another import of the account is not done yet."""

    code = "import_running"
    message = _("Another import is not done yet. Wait for it, or cancel it.")


def begin(*, owner: User, file: "File[Any]", kind: str = AUTO) -> Import:
    """Store an archive and have it imported in the background. Return its row.

    Raises ArchiveTooLarge, BadArchive, ImportRunning and StorageAway.
    """
    if not file.size:
        raise BadArchive(_("The file is empty."))
    if file.size > settings.IMPORT_MAX_MB * MEGABYTE:
        raise ArchiveTooLarge
    name = salvaged(str(file.name or "").rpartition("/")[2], 100)
    found = kind_of(Archive(file, name), kind)
    if Import.objects.filter(owner=owner, state=State.RUNNING).exists():
        raise ImportRunning
    return _insert(Import(owner=owner, kind=found.name, name=name, bytes=file.size), file)


def _insert(row: Import, file: IO[Any]) -> Import:
    row.file = storage.put(f"{DIRECTORY}/{secrets.token_urlsafe(16)}", file)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            publish(ImportContinued(import_id=row.pk, turn=0))
    except BaseException as error:
        storage.remove(row.file)
        if isinstance(error, IntegrityError) and "one_running_import" in str(error):
            raise ImportRunning from None
        raise
    return row


@transaction.atomic
def cancel(*, owner: User, import_id: int) -> Import:
    """End an import. What it has brought so far stays. Idempotent. Raises NotFound."""
    row = access_import(owner=owner, import_id=import_id, lock=True)
    if row.state == State.RUNNING:
        end(row, State.CANCELLED)
        row.save()
    return row


def end(row: Import, state: State, *, error: str = "") -> None:
    """Put an import that is running in its last state. The caller saves the row."""
    row.state, row.error, row.changed_at = state.value, salvaged(error, 300), Now()
    publish(ImportEnded(import_id=row.pk))
    if row.results.get("tweets") or row.results.get("shared"):
        history.end(author_id=row.owner_id)


def clean_up(*, import_id: int) -> None:
    """Remove the file of an import that has ended, and what was left to do. Idempotent."""
    row = Import.objects.exclude(state=State.RUNNING).filter(pk=import_id).first()
    if row is None:
        return
    Record.objects.filter(of=row).delete()
    if row.file:
        storage.remove(row.file)
        Import.objects.filter(pk=import_id).update(file="")


def remove_files(*, owner_id: int) -> None:
    """Remove the uploaded archives of an account that will be deleted. Idempotent."""
    for path in Import.objects.filter(owner_id=owner_id).exclude(file="").values_list("file"):
        storage.remove(path[0])
