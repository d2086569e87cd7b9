"""Attachments: data shown with tweets that is not stored in their row.

A feature declares its Attachment in its own module. Each interface (the site, an API) lists the
attachments that it shows. Each kind is loaded once for a whole page, with one query regardless of
the number of tweets.
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
    """One kind of attachment. `load` gets all tweets of a page and returns {tweet id: value}."""

    name: str
    load: Load[T]

    def of(self, tweet: Facts) -> T | None:
        """Return the value attached to the tweet, or None."""
        return cast("T | None", (tweet.attached or {}).get(self.name))


def attach(
    tweets: Sequence[Facts], attachments: Sequence[Attachment[Any]], viewer: ViewerContext
) -> None:
    """Load attachments for the tweets of a page, their originals and the tweets they quote."""
    page = list(_displayed(tweets))
    if not page:
        return
    for attachment in attachments:
        values = attachment.load(page, viewer)
        for tweet in page:
            if tweet.id in values:
                tweet.attached = {**(tweet.attached or {}), attachment.name: values[tweet.id]}


def _displayed(tweets: Sequence[Facts]) -> Iterator[Facts]:
    """Yield the tweets whose text is displayed: originals in place of reposts, and quotes."""
    for tweet in tweets:
        displayed = tweet.original or tweet
        yield displayed
        if displayed.quoted is not None:
            yield displayed.quoted
