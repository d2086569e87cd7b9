"""In whose home a tweet belongs, among the accounts that read right now, while it happens.

The rules are those of every read (timelines/rules.py, filters), applied to facts from Postgres for
all of these accounts at once. So the number of queries does not depend on how many there are, and
the cost depends on those who read right now, not on how many followers the author has: it makes no
difference whether the author is pushed or pulled.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.conf import settings

from filters.models import Context
from filters.selectors import active_filters_of
from timelines import readers
from timelines.readers import Reader
from timelines.rules import broken_rule, broken_rule_anywhere
from timelines.sql import live as sql
from timelines.sql.fanout import FOLLOWERS, MENTIONED
from tweets.read.attachments import attach
from tweets.read.facts import Facts
from tweets.read.filtered import WORDED, sift_worded
from tweets.read.hydrate import hydrate_for
from tweets.read.lists import is_found_publicly, is_readable
from tweets.read.viewer import ANONYMOUS
from tweets.text import hashtags
from tweets.visibility import Visibility

MOST_REPOSTERS = 100  # whose followers hear that the original is gone or was edited


class _Audience(NamedTuple):
    """What decides on the readers of a tweet."""

    author_id: int
    visibility: str
    text: str
    reposts: int
    followers: int
    repost_of_id: int


def homes(tweet_id: int, viewer_ids: Collection[int]) -> list[Facts]:
    """Return the tweet as each of the viewers sees it in whose home it belongs."""
    tweets, loaded = _seen(tweet_id, _candidates(tweet_id, viewer_ids))
    return _unfiltered([t for t in tweets if _belongs(t, loaded[t.viewer_id or 0])], loaded)


def were_homes(tweet_id: int, viewer_ids: Collection[int]) -> list[int]:
    """Return the viewers in whose home a tweet belonged that is deleted or hidden by now.

    Those who only read a repost of it are among them.
    """
    tweets, _ = _seen(tweet_id, _candidates(tweet_id, viewer_ids, of_reposts=True))
    for tweet in tweets:
        tweet.gone = False
    return [tweet.viewer_id or 0 for tweet in tweets if is_readable(tweet)]


def readers_of(tweet_id: int, viewer_ids: Collection[int]) -> list[Facts]:
    """Return the tweet as each of the viewers sees it who has it in home, or a repost of it."""
    tweets, loaded = _seen(tweet_id, _candidates(tweet_id, viewer_ids, of_reposts=True))
    return _unfiltered([tweet for tweet in tweets if is_readable(tweet)], loaded)


def addressed(tweet_id: int, viewer_ids: Collection[int]) -> list[Facts]:
    """Return a direct tweet as those of the viewers see it who wrote it or to whom it is written.

    Of other tweets, nothing. Conversations show it to them whomever they follow.
    """
    if not any(row[1] == Visibility.DIRECT for row in sql.AUDIENCE.rows(id=tweet_id)):
        return []
    tweets, _ = _seen(tweet_id, _candidates(tweet_id, viewer_ids))
    return [tweet for tweet in tweets if is_readable(tweet)]


def listed(tweet_id: int, viewer_ids: Collection[int]) -> list[Facts]:
    """Return the tweet as each of the viewers sees it who reads a list with its author."""
    tweets, loaded = _seen(tweet_id, viewer_ids)
    contexts = {id_: reader.context for id_, reader in loaded.items()}
    return _unfiltered(
        [
            tweet
            for tweet in tweets
            if broken_rule_anywhere(tweet, viewer=contexts[tweet.viewer_id or 0]) is None
        ],
        loaded,
    )


def found_publicly(tweet_id: int, viewer_ids: Collection[int], *, was: bool = False) -> list[Facts]:
    """Return the tweet as each of the viewers sees it who finds it in public timelines.

    With `was`, it is one that is deleted or hidden by now.
    """
    tweets, loaded = _seen(tweet_id, viewer_ids)
    for tweet in tweets:
        tweet.gone = tweet.gone and not was
    found = [tweet for tweet in tweets if is_found_publicly(tweet)]
    filters = active_filters_of([t.viewer_id or 0 for t in found], Context.PUBLIC) if found else {}
    return _unfiltered(found, {id_: replace(loaded[id_], filters=filters[id_]) for id_ in filters})


def _seen(tweet_id: int, viewer_ids: Collection[int]) -> tuple[list[Facts], dict[int, Reader]]:
    """Return a tweet as each of the viewers sees it who is active, and them as readers."""
    loaded = readers.load_many(viewer_ids)
    found = hydrate_for([tweet_id], viewer_ids=loaded.keys()) if loaded else {}
    return [tweets[tweet_id] for tweets in found.values() if tweet_id in tweets], loaded


def _unfiltered(tweets: Sequence[Facts], loaded: Mapping[int, Reader]) -> list[Facts]:
    """Return those that no filter hides, of the readers who have any."""
    filters = {id_: reader.filters for id_, reader in loaded.items() if reader.filters}
    _give_words([tweet for tweet in tweets if tweet.viewer_id in filters])
    return [t for t in tweets if sift_worded(filters.get(t.viewer_id or 0, ()), [t])]


def _belongs(tweet: Facts, reader: Reader) -> bool:
    backfill: bool = settings.TIMELINE_BACKFILL_ON_FOLLOW
    return broken_rule(tweet, viewer=reader.context, backfill=backfill) is None


def _candidates(
    tweet_id: int, viewer_ids: Collection[int], *, of_reposts: bool = False
) -> list[int]:
    """Return those of the viewers who may have a tweet in home by rule 1."""
    about = [_Audience(*row) for row in sql.AUDIENCE.rows(id=tweet_id)]
    if not about or not viewer_ids:
        return []
    (tweet,) = about
    viewers = set(viewer_ids)
    found = viewers & {tweet.author_id}
    if tweet.visibility == Visibility.DIRECT:
        return sorted(found | _ids(MENTIONED.rows(ids=[tweet_id])) & viewers)
    found |= _followers(tweet, viewers)
    if tweet.visibility == Visibility.PUBLIC and (tags := hashtags(tweet.text)):
        found |= _ids(sql.FOLLOWING_TAGS.rows(viewers=list(viewers), tags=_quoted(tags)))
    if of_reposts and tweet.reposts:
        rows = sql.FOLLOWING_REPOSTERS.rows(viewers=list(viewers), id=tweet_id, most=MOST_REPOSTERS)
        found |= _ids(rows)
    return sorted(found)


def _followers(tweet: _Audience, viewers: set[int]) -> set[int]:
    """Return the viewers who follow the author, by the shorter of two ways."""
    if tweet.followers <= len(viewers):
        return _ids(FOLLOWERS.rows(authors=[tweet.author_id])) & viewers
    return _ids(sql.FOLLOWING.rows(viewers=list(viewers), author=tweet.author_id))


def _ids(rows: Iterable[Sequence[Any]]) -> set[int]:
    return {row[0] for row in rows}


def _quoted(tags: Iterable[str]) -> list[str]:
    """Return hashtags as they are written in an array: they are letters, digits and marks."""
    return [f'"{tag}"' for tag in tags]


def _give_words(tweets: Sequence[Facts]) -> None:
    """Attach the words that filters compare to one tweet as several viewers see it.

    What depends on the viewer in these attachments is not among the words, and is loaded anew for
    what is shown.
    """
    if not tweets:
        return
    seen = {part.id: part for tweet in tweets for part in _parts(tweet)}
    attach(list(seen.values()), WORDED, ANONYMOUS)
    for tweet in tweets:
        for part in _parts(tweet):
            part.attached = seen[part.id].attached


def _parts(tweet: Facts) -> list[Facts]:
    shown = tweet.original or tweet
    return [part for part in (tweet, shown, shown.quoted) if part is not None]
