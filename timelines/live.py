"""In whose home a tweet belongs, among the accounts that read right now, while it happens.

The rules are those of every read (timelines/rules.py, filters), applied to facts from Postgres for
all of these accounts at once. So the number of queries does not depend on how many there are, and
the cost depends on those who read right now, not on how many followers the author has: it makes no
difference whether the author is pushed or pulled.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings

from timelines import readers, sql
from timelines.readers import Reader
from timelines.rules import broken_rule
from tweets.read.attachments import attach
from tweets.read.facts import Facts, may_see, welcome
from tweets.read.filtered import WORDED, sift_worded
from tweets.read.hydrate import hydrate_for
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
    candidates = _candidates(tweet_id, viewer_ids)
    found = hydrate_for([tweet_id], viewer_ids=candidates) if candidates else {}
    return sifted(
        (tweets[tweet_id] for tweets in found.values() if tweet_id in tweets),
        readers.load_many(list(found)),
    )


def sifted(tweets: Iterable[Facts], loaded: Mapping[int, Reader]) -> list[Facts]:
    """Return those that belong into the home of their viewers, whom `loaded` has if active."""
    wanted = [
        (tweet, reader)
        for tweet in tweets
        if (reader := loaded.get(tweet.viewer_id or 0)) and _belongs(tweet, reader)
    ]
    _give_words([tweet for tweet, reader in wanted if reader.filters])
    return [
        tweet
        for tweet, reader in wanted
        if not reader.filters or sift_worded(reader.filters, [tweet])
    ]


def were_homes(tweet_id: int, viewer_ids: Collection[int]) -> list[int]:
    """Return the viewers in whose home a tweet belonged that is deleted or hidden by now.

    Those who only read a repost of it are among them.
    """
    candidates = _candidates(tweet_id, viewer_ids, of_reposts=True)
    found = hydrate_for([tweet_id], viewer_ids=candidates) if candidates else {}
    tweets = [each[tweet_id] for each in found.values() if tweet_id in each]
    for tweet in tweets:
        tweet.gone = False
    return [each.viewer_id or 0 for each in _readable(tweets, readers.load_many(list(found)))]


def readers_of(tweet_id: int, viewer_ids: Collection[int]) -> list[Facts]:
    """Return the tweet as each of the viewers sees it who has it in home, or a repost of it."""
    candidates = _candidates(tweet_id, viewer_ids, of_reposts=True)
    found = hydrate_for([tweet_id], viewer_ids=candidates) if candidates else {}
    tweets = [each[tweet_id] for each in found.values() if tweet_id in each]
    loaded = readers.load_many(list(found))
    readable = _readable(tweets, loaded)
    _give_words([tweet for tweet in readable if loaded[tweet.viewer_id or 0].filters])
    return [t for t in readable if sift_worded(loaded[t.viewer_id or 0].filters, [t])]


def _readable(tweets: Sequence[Facts], loaded: Mapping[int, Reader]) -> list[Facts]:
    return [
        tweet for tweet in tweets if tweet.viewer_id in loaded and may_see(tweet) and welcome(tweet)
    ]


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
        return sorted(found | _ids(sql.MENTIONED.rows(ids=[tweet_id])) & viewers)
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
        return _ids(sql.FOLLOWERS.rows(authors=[tweet.author_id])) & viewers
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
