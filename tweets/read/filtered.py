"""The viewer's filters, applied to tweets: the one place where they hide or mark entries.

A filter looks at the text and the warning of what an entry shows: the tweet or, for a repost, the
original, and the quoted tweet, if the viewer sees it. What the viewer wrote or reposted is never
filtered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import User
from filters import selectors
from filters.matching import normal_of
from filters.selectors import ActiveFilter
from tweets.read.facts import Facts, shown_quote

ATTACHED = "filtered"  # the name in Facts.attached


def found_by(filters: Sequence[ActiveFilter], tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return those of the filters that find the entry."""
    if not filters or tweet.mine or (tweet.original is not None and tweet.original.mine):
        return ()
    text = _text_of(tweet)
    return tuple(each for each in filters if each.finds(text))


def sift(filters: Sequence[ActiveFilter], tweets: Sequence[Facts]) -> list[Facts]:
    """Return the entries that no filter hides. `filtered` tells which filters warn of them."""
    shown = []
    for tweet in tweets:
        found = found_by(filters, tweet)
        if not any(each.hides for each in found):
            _attach(tweet.original or tweet, found)
            shown.append(tweet)
    return shown


def filtered(tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return the filters that warn of a tweet which `sift` has looked at."""
    found: tuple[ActiveFilter, ...] = (tweet.attached or {}).get(ATTACHED, ())
    return found


@dataclass(slots=True)
class Sieve:
    """The filters of one viewer in one context, which are loaded with the first tweets.

    Without a context it lets everything through.
    """

    viewer_id: int | None
    context: str | None
    _filters: tuple[ActiveFilter, ...] | None = field(default=None, init=False)

    @classmethod
    def of(cls, viewer: User | None, context: str) -> "Sieve":
        """Return the filters of an account; of an anonymous visitor there are none."""
        return cls(None, None) if viewer is None else cls(viewer.pk, context)

    def sift(self, tweets: Sequence[Facts]) -> list[Facts]:
        """Return the entries that no filter hides. The first call with entries makes one query."""
        if not tweets or self.context is None:
            return list(tweets)
        if self._filters is None:
            self._filters = selectors.active_filters(self.viewer_id, self.context)
        return sift(self._filters, tweets)


UNFILTERED = Sieve(None, None)


def _attach(tweet: Facts, found: tuple[ActiveFilter, ...]) -> None:
    if found:
        tweet.attached = {**(tweet.attached or {}), ATTACHED: found}


def _text_of(tweet: Facts) -> str:
    shown = tweet.original or tweet
    quoted = shown_quote(shown)
    texts = [shown.spoiler, shown.text]
    return normal_of([*texts, quoted.spoiler, quoted.text] if quoted else texts)
