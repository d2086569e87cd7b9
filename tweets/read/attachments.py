"""What hangs on tweets and is not a fact of their row: each kind is loaded for a page at once.

A feature declares its Attachment in a module of its own, and each face lists those that it shows.
Loading costs one query for each kind, however many tweets are on the page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from tweets.read.facts import Facts
from tweets.read.viewer import ViewerContext

T = TypeVar("T")
Load = Callable[[Sequence[Facts], ViewerContext], Mapping[int, T]]


@dataclass(frozen=True, slots=True)
class Attachment(Generic[T]):
    """One kind. `load` gets every tweet of a page and returns values by tweet id."""

    name: str
    load: Load[T]

    def of(self, tweet: Facts) -> T | None:
        """What is attached to this tweet, if anything is."""
        return cast("T | None", (tweet.attached or {}).get(self.name))


def attach(
    tweets: Sequence[Facts], attachments: Sequence[Attachment[Any]], viewer: ViewerContext
) -> None:
    """Load attachments for these tweets, their originals and what they quote."""
    page = list(_all_shown(tweets))
    if not page:
        return
    for attachment in attachments:
        values = attachment.load(page, viewer)
        for tweet in page:
            if tweet.id in values:
                tweet.attached = {**(tweet.attached or {}), attachment.name: values[tweet.id]}


def _all_shown(tweets: Sequence[Facts]) -> Iterator[Facts]:
    for tweet in tweets:
        shown = tweet.original or tweet
        yield shown
        if shown.quoted is not None:
            yield shown.quoted
