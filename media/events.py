"""The events that uploads publish."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUploaded(DomainEvent):
    """A file was uploaded, and has to be processed before anybody can see it."""

    topic = "media.uploaded"
    conceals = False
    media_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAdopted(DomainEvent):
    """A file came from an archive. It is processed like an upload, behind what people wait for."""

    topic = "media.adopted"
    conceals = False
    media_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDue(DomainEvent):
    """The preview of a link has to be fetched."""

    topic = "media.link_due"
    conceals = False
    preview_id: int
