"""The viewer of tweets, with their filters and preferences. No Django."""

from dataclasses import dataclass
from typing import Protocol

from tweets.read.facts import Facts


class Filter(Protocol):
    """An active filter of a viewer."""

    def hides(self, tweet: Facts) -> bool:
        """Return whether the filter removes the tweet from lists and timelines."""


@dataclass(frozen=True, slots=True)
class ViewerContext:
    """What rules and presenters need to know about the viewer.

    `viewer_id` is None for an anonymous visitor. `filters` apply where the viewer reads. The
    preferences below it are for home: the followed hashtags in their normal form, the ids of the
    accounts in exclusive lists, and whether the reposts of everybody are hidden for now.
    """

    viewer_id: int | None = None
    filters: tuple[Filter, ...] = ()
    tags: frozenset[str] = frozenset()
    exclusive: frozenset[int] = frozenset()
    hides_reposts: bool = False
    language: str = "en-gb"
    time_zone: str = "UTC"

    @property
    def signed_in(self) -> bool:
        """Whether the viewer is a signed-in user."""
        return self.viewer_id is not None


ANONYMOUS = ViewerContext()
