"""Import an archive, one step at a time. Each step is one transaction, which begins the next.

The first step reads the archive into records; every other imports a batch of these and removes
them. A worker that is killed leaves no half of a step, and the relay starts the step again
(docs/faults.md). A step that runs twice finds that its turn has passed.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from archives import kinds, registry, sql
from archives.events import ImportContinued
from archives.files import BadArchive
from archives.models import Import, Record, State
from archives.services import end
from archives.work import Work, discard, opened
from chirp.errors import ChirpError, Unavailable
from chirp.itertools import batched
from chirp.limits.quotas import spend
from chirp.texts import ntext
from chirp.texts import text as _
from outbox.services import publish

log = logging.getLogger(__name__)

RECORDS = 200  # that are written at once
MOST_RECORDS = 1_000_000
MOST_RECORD = 256 * 1024  # characters of one, as JSON; a list of 500 people has 20,000
MOST_CHARACTERS = 2 * 1024**3  # of all of them
# What may go well the next time. The outbox starts the step again.
PASSING = (OperationalError, InterfaceError, Unavailable)


class _Overtaken(Exception):
    """The import was cancelled during the step, or the step was done by another process."""


def step(*, import_id: int, turn: int, limited: bool = True) -> None:
    """Run a step of an import, unless that has happened. Steps of one import never overlap.

    With `limited`, follows and the like are as many at a time as a person may write.
    """
    stored: list[str] = []
    try:
        _step(import_id, turn, stored, limited=limited)
    except _Overtaken:
        discard(stored)
    except BaseException:
        discard(stored)
        raise


def _step(import_id: int, turn: int, stored: list[str], *, limited: bool) -> None:
    wait = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.WAIT_FOR_OTHER_STEPS, [import_id])
        row = _at(import_id, turn)
        if not row.owner.is_active:
            end(row, State.CANCELLED, error="The account is not active.")
        else:
            wait = _do(row, stored, limited=limited)
        _at(import_id, turn, lock=True)
        if row.state == State.RUNNING:
            row.turn += 1
            publish(ImportContinued(import_id=row.pk, turn=row.turn), after=wait)
        row.changed_at = Now()
        row.save()


def _at(import_id: int, turn: int, *, lock: bool = False) -> Import:
    """Return an import that is at this turn. Raises _Overtaken.

    The row is not locked during the step, so that cancelling never waits for it.
    """
    rows = Import.objects.select_related("owner")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    row = rows.filter(pk=import_id, state=State.RUNNING, turn=turn).first()
    if row is None:
        raise _Overtaken
    return row


def _do(row: Import, stored: list[str], *, limited: bool) -> int:
    """Do the step, and return how many seconds the next one has to wait."""
    kind = registry.BY_NAME[row.kind]
    with opened(row, stored) as work:
        if row.total is not None:
            return _work_off(row, kind, work, limited=limited)
        _read(row, kind, work)
    return 0


def _read(row: Import, kind: kinds.Kind, work: Work) -> None:
    total = 0
    try:
        with transaction.atomic():
            for batch in batched(_records(row, kind, work), RECORDS):
                total += len(batch)
                if total > MOST_RECORDS:
                    raise BadArchive(
                        ntext(
                            "The archive has more than %(num)s entries.",
                            "The archive has more than %(num)s entries.",
                            MOST_RECORDS,
                        )
                    )
                Record.objects.bulk_create(batch)
    except PASSING:
        raise
    except BadArchive as error:
        end(row, State.FAILED, error=error.detail)
    except FileNotFoundError:
        end(row, State.FAILED, error="The uploaded file is not there any more.")
    except Exception:
        # It would fail each time, and the owner could never begin another import.
        log.exception("An archive of the kind %s could not be read.", kind.name)
        end(row, State.FAILED, error="The archive could not be read. It is not as expected.")
    else:
        row.total = total


def _records(row: Import, kind: kinds.Kind, work: Work) -> Iterator[Record]:
    """Yield what is to be imported. So much of it is in memory at once as fits."""
    left = MOST_CHARACTERS
    for found in kind.read(work.archive, work):
        data, place = storable(found.data), {"stage": found.stage, "position": found.position}
        left -= (size := len(json.dumps(data)))
        if left < 0:
            raise BadArchive(_("The archive has more text in it than fits."))
        if size > MOST_RECORD:
            work.count("refused")
            work.problem(f"An entry has {size:,} characters, and {MOST_RECORD:,} are the most.")
        else:
            yield Record(of=row, what=found.what, data=data, **place)


def storable(data: Any) -> Any:
    """Return JSON without what PostgreSQL cannot store: NUL, lone surrogates, infinite numbers."""
    if isinstance(data, str):
        return data.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(data, list | tuple):
        return [storable(each) for each in data]
    if isinstance(data, dict):
        return {storable(key): storable(value) for key, value in data.items()}
    return None if isinstance(data, float) and data - data != 0 else data


def _work_off(row: Import, kind: kinds.Kind, work: Work, *, limited: bool) -> int:
    left = Record.objects.filter(of=row).order_by("stage", "position", "pk")[: kind.batch]
    batch = list(_first(kind, left))
    if not batch:
        end(row, State.DONE)
        return 0
    allowed, wait = _allowed(row, kind, batch) if limited else (len(batch), 0)
    if batch := batch[:allowed]:
        _work_off_batch(row, kind, work, batch)
    return wait


def _allowed(row: Import, kind: kinds.Kind, batch: Sequence[Record]) -> tuple[int, int]:
    """Return how many of these records may be imported now, and the seconds to wait then.

    What is told to others is limited as if the owner did it by hand, but apart from that.
    """
    for number, record in enumerate(batch):
        if kind.is_told(record.what, record.data):
            quota = spend("write", who=f"imports-{row.owner_id}")
            if quota is not None and quota.is_exceeded:
                return number, quota.reset
    return len(batch), 0


def _work_off_batch(row: Import, kind: kinds.Kind, work: Work, batch: Sequence[Record]) -> None:
    if not _apply(kind, work, batch):
        for record in batch:
            _apply_one(kind, work, record)
    Record.objects.filter(pk__in=[record.pk for record in batch]).delete()
    row.done += len(batch)


def _first(kind: kinds.Kind, records: Iterable[Record]) -> Iterator[Record]:
    """Yield the first records, of one `what`, that are not too much for one batch; one at least."""
    what, weight = None, 0
    for record in records:
        weight += kind.weight(record.what, record.data)
        if what is not None and (record.what != what or weight > kind.batch):
            return
        what = record.what
        yield record


def _apply(kind: kinds.Kind, work: Work, batch: Sequence[Record]) -> bool:
    """Import a batch, or return False if it cannot be imported as a whole."""
    notes = work.snapshot()
    try:
        with transaction.atomic():
            kind.apply(work, batch[0].what, [record.data for record in batch])
    except PASSING:
        raise
    except Exception as error:
        log.info("A batch of %d records is imported one by one: %s", len(batch), error)
        work.restore(notes)
        return False
    return True


def _apply_one(kind: kinds.Kind, work: Work, record: Record) -> None:
    notes = work.snapshot()
    try:
        with transaction.atomic():
            kind.apply(work, record.what, [record.data])
    except PASSING:
        raise
    except Exception as error:
        work.restore(notes)
        work.count("refused")
        if isinstance(error, ChirpError):
            work.problem(error.detail)
        else:
            log.exception("A record of %s could not be imported.", record.what)
            work.problem("An entry could not be imported, since it is not as expected.")
