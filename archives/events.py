"""The events by which an import goes on and ends."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportContinued(DomainEvent):
    """An import has a next step. One that the row has passed already is of no interest."""

    topic = "archives.import_continued"
    conceals = False
    import_id: int
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEnded(DomainEvent):
    """An import is done, has failed, or was cancelled."""

    topic = "archives.import_ended"
    conceals = False
    import_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportContinued(DomainEvent):
    """An export has a next step. One that the row has passed already is of no interest."""

    topic = "archives.export_continued"
    conceals = False
    export_id: int
    turn: int
