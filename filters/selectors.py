"""Reads of filters: those of an owner, and those that apply to what a viewer reads now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from filters import sql
from filters.matching import Phrase, matches, whole_text
from filters.models import Action, Filter
from tweets.read.facts import Facts


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter that applies where the viewer reads now. It satisfies tweets.read.viewer.Filter."""

    id: int
    title: str
    action: str
    phrases: tuple[Phrase, ...]

    def hides(self, tweet: Facts) -> bool:
        """Return whether lists and timelines leave the tweet out."""
        return self.action == Action.HIDE and self.finds(tweet)

    def warns(self, tweet: Facts) -> bool:
        """Return whether the tweet is shown behind a warning."""
        return self.action == Action.WARN and self.finds(tweet)

    def finds(self, tweet: Facts) -> bool:
        """Return whether the tweet, what it reposts or what it quotes holds one of the phrases."""
        original = tweet.original or tweet
        shown = [original, *([original.quoted] if original.quoted else [])]
        texts = [text for each in shown for text in (each.spoiler, each.text)]
        return matches(self.phrases, whole_text(texts))


def filters_of(owner: User) -> Sequence[Filter]:
    """Return all filters of an account with their phrases, newest first. Takes two queries."""
    return list(Filter.objects.filter(owner=owner).order_by("-pk").prefetch_related("phrases"))


def active_filters(viewer_id: int | None, context: str) -> tuple[ActiveFilter, ...]:
    """Return the filters of the viewer that apply in `context` and have not expired.

    Takes one query; none for an anonymous visitor.
    """
    if viewer_id is None:
        return ()
    return parsed(sql.ACTIVE_FILTERS.rows(viewer=viewer_id, context=context))


def parsed(rows: Iterable[Sequence[Any]]) -> tuple[ActiveFilter, ...]:
    """Return filters from rows of (id, title, action, texts, whole words)."""
    return tuple(
        ActiveFilter(id_, title, action, tuple(map(Phrase, texts, wholes)))
        for id_, title, action, texts, wholes in rows
    )
