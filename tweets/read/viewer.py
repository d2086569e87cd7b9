"""The viewer of tweets, with their preferences. No Django."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ViewerContext:
    """What rules and presenters need to know about the viewer.

    `viewer_id` is None for an anonymous visitor. The preferences below it are for timelines: the
    followed hashtags in their normal form, the ids of the accounts in exclusive lists, and whether
    the reposts of everybody are hidden for now.
    """

    viewer_id: int | None = None
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
