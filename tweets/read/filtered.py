"""The viewer's filters, applied to tweets: the one place where they hide or mark entries.

A filter looks at all words of what an entry shows: of the tweet or, for a repost, the original, and
of the quoted tweet, if the viewer sees it. These are the text, the warning, the descriptions of
media, and the choices of a poll. What the viewer wrote or reposted is never filtered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from accounts.models import User
from filters import selectors
from filters.matching import normal_of
from filters.selectors import ActiveFilter
from tweets.polls.read import POLL
from tweets.read.attachments import attach
from tweets.read.facts import Facts, shown_quote
from tweets.read.media import MEDIA
from tweets.read.viewer import ViewerContext

ATTACHED = "filtered"  # the name in Facts.attached
WORDED = (MEDIA, POLL)  # the attachments that have words


def found_by(filters: Sequence[ActiveFilter], tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return those of the filters that find an entry, which has the attachments WORDED."""
    if tweet.mine or (tweet.original is not None and tweet.original.mine):
        return ()
    text = _text_of(tweet)
    return tuple(each for each in filters if each.finds(text))


def sift(filters: Sequence[ActiveFilter], tweets: Sequence[Facts]) -> list[Facts]:
    """Return the entries that no filter hides. `filtered` tells which other filters find them.

    It makes a query if some have media, and one if some have polls.
    """
    if not (filters and tweets):
        return list(tweets)
    attach(tweets, WORDED, ViewerContext(viewer_id=tweets[0].viewer_id))
    return sift_worded(filters, tweets)


def sift_worded(filters: Sequence[ActiveFilter], tweets: Sequence[Facts]) -> list[Facts]:
    """Do what `sift` does with entries that have the attachments WORDED already."""
    shown = []
    for tweet in tweets:
        found = found_by(filters, tweet)
        if not any(each.hides for each in found):
            _attach(tweet.original or tweet, found)
            shown.append(tweet)
    return shown


def filtered(tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return the filters that find a tweet which `sift` has looked at: they warn, or blur."""
    found: tuple[ActiveFilter, ...] = (tweet.attached or {}).get(ATTACHED, ())
    return found


def warning_filters(tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return those of the filters that find a tweet which put it behind a warning."""
    return tuple(each for each in filtered(tweet) if each.warns)


def blurring_filters(tweet: Facts) -> tuple[ActiveFilter, ...]:
    """Return those of the filters that find a tweet which cover its media.

    They also cover the media of the tweet that it quotes, since they look at its words too. The
    facts of that one do not say so: it may be an entry of the same list by itself.
    """
    return tuple(each for each in filtered(tweet) if each.blurs)


@dataclass(slots=True)
class Sieve:
    """The filters of one viewer in one context, which are loaded with the first tweets.

    The facts of a tweet say whether the viewer has filters: most viewers have none, and then there
    is nothing to load. Without a context it lets everything through.
    """

    viewer_id: int | None
    context: str | None
    _filters: tuple[ActiveFilter, ...] | None = field(default=None, init=False)

    @classmethod
    def of(cls, viewer: User | None, context: str) -> "Sieve":
        """Return the filters of an account; of an anonymous visitor there are none."""
        return cls(None, None) if viewer is None else cls(viewer.pk, context)

    def sift(self, tweets: Sequence[Facts]) -> list[Facts]:
        """Return the entries that no filter hides.

        The first call with entries makes one query, if the viewer has filters.
        """
        if not tweets or self.context is None or not tweets[0].viewer_filters:
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
    return normal_of([*_words_of(shown), *(_words_of(quoted) if quoted else ())])


def _words_of(tweet: Facts) -> Iterator[str]:
    yield from (tweet.spoiler, tweet.text)
    yield from (file.alt for file in MEDIA.of(tweet) or ())
    if poll := POLL.of(tweet):
        yield from poll.choices
