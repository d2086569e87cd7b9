"""Who looks at tweets, and what they want to see. Pure."""

from dataclasses import dataclass
from typing import Protocol

from tweets.read.facts import Facts


class Filter(Protocol):
    """An active filter of a viewer."""

    def hides(self, tweet: Facts) -> bool:
        """Whether the viewer does not want to see this tweet at all."""


@dataclass(frozen=True, slots=True)
class ViewerContext:
    """A viewer, as rules and presenters see them. `viewer_id` is None for an anonymous visitor."""

    viewer_id: int | None = None
    filters: tuple[Filter, ...] = ()
    language: str = "en-gb"
    time_zone: str = "UTC"

    @property
    def signed_in(self) -> bool:
        """Whether there is a signed-in user."""
        return self.viewer_id is not None


ANONYMOUS = ViewerContext()
