"""Which viewers see a tweet alike, so that it is written once for all of them."""

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from tweets.read.facts import Facts, is_open_to_all
from tweets.read.filtered import filtered
from tweets.sql.facts import EXPRESSIONS

# Facts about the viewer that no rule and no presenter asks once a tweet is known to be shown.
_UNSEEN = {"viewer_id", "follow_since", "follow_reposts"}
_ABOUT_VIEWER = re.compile(r"%\(viewer\)s|\bf\.|\bFROM follow\b")
VIEWED = tuple(
    name
    for name, expression in EXPRESSIONS.items()
    if _ABOUT_VIEWER.search(expression) and name not in _UNSEEN
)
_of = attrgetter(*VIEWED)


def alike(tweets: Iterable[Facts]) -> list[list[Facts]]:
    """Group one tweet, as many viewers see it, by what they see."""
    groups: dict[Any, list[Facts]] = {}
    for tweet in tweets:
        groups.setdefault(_look(tweet), []).append(tweet)
    return list(groups.values())


def _look(tweet: Facts) -> tuple[Any, ...]:
    parts = _parts(tweet)
    own = tweet.viewer_id if any(map(_is_personal, parts)) else None
    filters = tuple(each.id for each in filtered(tweet.original or tweet))
    return (tweet.id, own, filters, *((part.id, _of(part)) for part in parts))


def _parts(tweet: Facts) -> Sequence[Facts]:
    shown = tweet.original or tweet
    parts = (
        tweet,
        tweet.original,
        shown.quoted,
        tweet.parent,
        tweet.root,
        shown.parent,
        shown.root,
    )
    return [part for part in parts if part is not None]


def _is_personal(tweet: Facts) -> bool:
    """Whether attachments differ: a poll by the viewer's vote, files by their signed addresses."""
    return tweet.has_poll or (tweet.media_count > 0 and not is_open_to_all(tweet))
