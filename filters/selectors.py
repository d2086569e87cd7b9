"""Reads of filters: those of an owner, and those that apply to what a viewer reads now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from filters import sql
from filters.matching import Phrase, finds
from filters.models import Action, Filter


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter that applies where the viewer reads now."""

    id: int
    title: str
    action: str
    phrases: tuple[Phrase, ...]
    contexts: tuple[str, ...]
    expires_at: datetime | None

    @property
    def hides(self) -> bool:
        """Whether lists leave out what the filter finds."""
        return self.action == Action.HIDE

    @property
    def warns(self) -> bool:
        """Whether what the filter finds is shown behind a warning."""
        return self.action == Action.WARN

    @property
    def blurs(self) -> bool:
        """Whether what the filter finds is shown with its media covered."""
        return self.action == Action.BLUR

    def finds(self, normalized: str) -> bool:
        """Return whether a text that matching.normal_of returned holds one of the phrases."""
        return finds(self.phrases, normalized)


def filters_of(owner: User) -> Sequence[Filter]:
    """Return all filters of an account with their phrases, newest first. Takes two queries."""
    return list(Filter.objects.filter(owner=owner).order_by("-pk").prefetch_related("phrases"))


def active_filters(viewer_id: int | None, context: str) -> tuple[ActiveFilter, ...]:
    """Return the filters of the viewer that apply in `context` and have not expired.

    Takes one query; none for an anonymous visitor. tweets/read/filtered.py applies them to tweets.
    """
    if viewer_id is None:
        return ()
    return parsed(sql.ACTIVE_FILTERS.rows(viewer=viewer_id, context=context))


def active_filters_of(
    viewer_ids: Collection[int], context: str
) -> dict[int, tuple[ActiveFilter, ...]]:
    """Return the filters of those of the viewers who have some, as `active_filters` does."""
    rows: dict[int, list[Sequence[Any]]] = {}
    for viewer_id, *row in sql.ACTIVE_FILTERS_FOR.rows(viewers=list(viewer_ids), context=context):
        rows.setdefault(viewer_id, []).append(row)
    return {viewer_id: parsed(own) for viewer_id, own in rows.items()}


def parsed(rows: Iterable[Sequence[Any]]) -> tuple[ActiveFilter, ...]:
    """Return filters from the rows of a query that `sql.active` made."""
    return tuple(
        ActiveFilter(
            id_,
            title,
            action,
            tuple(map(Phrase, texts, wholes)),
            tuple(contexts),
            None if expires is None else datetime.fromtimestamp(expires, UTC),
        )
        for id_, title, action, texts, wholes, contexts, expires in rows
    )
