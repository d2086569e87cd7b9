"""Helpers for tests of notifications."""

from typing import NamedTuple

from accounts.models import User
from chirp.pagination import PageRequest
from notifications import selectors
from notifications.kinds import Kind


class Shown(NamedTuple):
    """A group as its recipient reads it, in short."""

    kind: str
    number: int
    actors: list[str]


def notices(recipient: User) -> list[str]:
    """What moderators told the recipient, the latest first."""
    page = selectors.notifications(viewer=recipient, page=PageRequest(limit=100))
    return [item.note for item in page.results if item.kind == Kind.MODERATION]


def shown(recipient: User) -> list[Shown]:
    """What the recipient reads, the latest first."""
    page = selectors.notifications(viewer=recipient, page=PageRequest(limit=100))
    return [Shown(i.kind, i.count, [a.handle for a in i.actors]) for i in page.results]
