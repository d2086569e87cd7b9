"""Collect an export step by step, keep it for some days, and hand it to its owner.

Each step is one transaction: it reads a batch into the table of lines, and publishes the next step.
The last one writes the archive into the storage. A step that runs twice finds that its turn has
passed.
"""

import logging
import secrets
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO

from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone

from accounts.models import User
from archives import sql
from archives.events import ExportContinued
from archives.exporting import contents, package
from archives.models import Export, ExportedLines, State
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.texts import text as _
from media import storage
from outbox.services import publish

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
MOST_FAILURES = 8  # of one step: some three minutes, as the outbox tries again
UNFORESEEN = _("It could not be collected, since something in your account is not as expected.")
PARTS = tuple(contents.FILES)


class ExportRunning(Conflict):
    """Another export of the account is not done yet."""

    code = "export_running"
    message = _("Another export is not done yet. Wait for it.")


class NoExport(NotFound):
    """There is no export of the account, or it is not done yet, or too old."""

    message = _("There is no export that can be downloaded. Begin one.")


def begin(*, owner: User) -> Export:
    """Have everything collected in the background. Return the row. Raises ExportRunning."""
    row = Export(owner=owner, key=secrets.token_urlsafe(16), part=PARTS[0])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            publish(ExportContinued(export_id=row.pk, turn=0))
    except IntegrityError:
        raise ExportRunning from None
    return row


def latest(*, owner: User) -> Export | None:
    """Return the newest export of the owner, whatever its state; None if there is none."""
    return Export.objects.filter(owner=owner).order_by("-pk").first()


def download(*, owner: User) -> tuple[Export, IO[bytes]]:
    """Return the newest export that is done, and its file. Raises NoExport and StorageAway."""
    row = Export.objects.filter(owner=owner, state=State.DONE).order_by("-pk").first()
    if row is None:
        raise NoExport
    try:
        return row, storage.open_file(row.path)
    except FileNotFoundError:
        raise NoExport from None


def step(*, export_id: int, turn: int) -> None:
    """Run a step of an export, unless that has happened. Steps of one export never overlap.

    One that raises is tried again by the outbox. After MOST_FAILURES the export has failed.
    """
    try:
        _step(export_id, turn)
    except (OperationalError, InterfaceError):
        raise  # of the database, in which nothing can be noted now
    except Exception as error:
        if not _has_failed(export_id, turn, error):
            raise


@transaction.atomic
def _has_failed(export_id: int, turn: int, error: Exception) -> bool:
    """Count a step that raised, and return whether the export ends with it."""
    rows = Export.objects.select_for_update()
    row = rows.filter(pk=export_id, state=State.RUNNING, turn=turn).first()
    if row is None:
        return True
    row.failures += 1
    if row.failures >= MOST_FAILURES:
        log.exception("Export %d has failed at %s.", row.pk, row.part or "the archive")
        row.state, row.finished_at = State.FAILED.value, timezone.now()
        row.error = error.detail if isinstance(error, ChirpError) else UNFORESEEN
        ExportedLines.objects.filter(of=row).delete()
    row.save()
    return row.state == State.FAILED


def _step(export_id: int, turn: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.WAIT_FOR_OTHER_EXPORTS, [export_id])
        rows = Export.objects.select_related("owner").select_for_update(of=("self",))
        row = rows.filter(pk=export_id, state=State.RUNNING, turn=turn).first()
        if row is None:
            return
        if not row.owner.is_active:
            row.state, row.finished_at = State.CANCELLED.value, timezone.now()
            ExportedLines.objects.filter(of=row).delete()
        elif row.part:
            _collect(row)
        else:
            _write(row)
        row.turn, row.failures = row.turn + 1, 0
        row.save()
        if row.state == State.RUNNING:
            publish(ExportContinued(export_id=row.pk, turn=row.turn))


def _collect(row: Export) -> None:
    """Read the next batch, or go on to the next part if there is none."""
    found = contents.FILES[row.part](row.owner, row.after)
    if found:
        ExportedLines.objects.create(of=row, part=row.part, text=package.lines_of(found))
        row.done += len(found)
        row.after = found[-1][0]
        return
    later = PARTS[PARTS.index(row.part) + 1 :]
    row.part, row.after = (later[0] if later else ""), 0


def _write(row: Export) -> None:
    now = timezone.now()
    with tempfile.TemporaryFile() as file:
        parts = {name: _lines(row, name) for name in PARTS}
        package.write(file, user=row.owner, parts=parts, now=now)
        row.bytes = file.tell()
        file.seek(0)
        storage.remove(row.path)  # of a step that was interrupted
        storage.put(row.path, file)
    ExportedLines.objects.filter(of=row).delete()
    for older in Export.objects.filter(owner=row.owner, pk__lt=row.pk):
        _forget(older)
    row.state, row.finished_at = State.DONE.value, now


def _lines(row: Export, part: str) -> Iterable[str]:
    lines = ExportedLines.objects.filter(of=row, part=part).order_by("pk")
    return lines.values_list("text", flat=True).iterator(chunk_size=10)


def write_file(file: IO[bytes], *, owner: User) -> None:
    """Write the archive of an account into a file, at once, for an operator."""
    parts = {name: _read(owner, name) for name in PARTS}
    package.write(file, user=owner, parts=parts, now=timezone.now())


def _read(owner: User, part: str) -> Iterable[str]:
    after = 0
    while found := contents.FILES[part](owner, after):
        yield package.lines_of(found)
        after = found[-1][0]


def forget_old(*, now: datetime) -> None:
    """Remove exports that have been kept for KEPT. Idempotent."""
    for row in Export.objects.filter(finished_at__lt=now - KEPT):
        _forget(row)


def forget_of(*, owner_id: int) -> bool:
    """Remove all exports of an account. Return whether there were any."""
    rows = list(Export.objects.filter(owner=owner_id))
    for row in rows:
        _forget(row)
    return bool(rows)


@transaction.atomic
def _forget(row: Export) -> None:
    # A step that writes the archive just now ends first: its file must not outlive the row.
    if Export.objects.select_for_update().filter(pk=row.pk).exists():
        path = row.path
        row.delete()
        storage.remove(path)
