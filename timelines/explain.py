"""Explain why a tweet is in a home timeline or not, to the viewer and to operators.

What decides is what the read path decides by: the rules (timelines/rules.py), and whether the tweet
has reached the sets in Redis.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from accounts.models import User
from chirp.redis.client import RedisAway
from lists.selectors import exclusive_lists_with
from timelines import candidates, readers, reasons, rules, store
from timelines.paging import original_id
from timelines.ranked import Rank, rank_of
from timelines.reasons import FOLDED, Reason
from timelines.rules import Rule, Source, followed_tags
from timelines.selectors import Home
from tweets.read.access import access_tweet
from tweets.read.answered import ANSWERED
from tweets.read.attachments import attach
from tweets.read.facts import Facts
from tweets.read.filtered import found_by
from tweets.read.hydrate import hydrate


@dataclass(frozen=True, slots=True)
class StoredTimeline:
    """A home timeline in Redis: its floor (None if it is cold), its ids, and the pulled authors."""

    floor: int | None
    ids: list[int]
    pulled: list[int]


class Place(Enum):
    """Where a read finds a tweet that belongs to the timeline."""

    OWN = "The viewer's own tweets are read from Postgres."
    HASHTAG = "Tweets with followed hashtags are read from Postgres."
    PULLED = "The author is a celebrity: the tweet is pulled when the timeline is read."
    AWAY = "Redis is not available: the tweet is read from Postgres."
    COLD = "The timeline is cold: it is built from Postgres at the next read."
    BELOW = "The tweet is below the floor: it is read from Postgres."
    PUSHED = "The tweet was pushed: it is in Redis."
    PENDING = "The tweet is not in Redis yet: its fan-out or merge is pending."


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a tweet is in the viewer's home timeline, and why.

    `broken` is the rule that keeps it out, if one does, and otherwise `place` is where it is read.
    `rank` is what ranks it in the ranked view; None for what that does not show.
    """

    shown: bool
    reasons: list[Reason]
    broken: Rule | None
    place: Place | None
    rank: Rank | None = None


def stored_timeline(viewer: User) -> StoredTimeline:
    """Return what Redis holds for a viewer, without making a timeline warm."""
    pulled = candidates.pulled_followees(viewer.pk)
    floor, ids = store.peek(store.home(viewer.pk))
    return StoredTimeline(floor, ids, pulled)


def explain(*, viewer: User, tweet_id: int) -> Explanation:
    """Explain why a tweet is in the viewer's home timeline or not.

    Raises NotFound if the viewer may not see the tweet. The number of queries is bounded.
    """
    tweet = access_tweet(viewer=viewer, tweet_id=tweet_id)
    explained = _explain(viewer, tweet)
    is_entry = explained.shown and not any(each.code == FOLDED for each in explained.reasons)
    return replace(explained, rank=rank_of(viewer=viewer, entry=tweet) if is_entry else None)


def why(viewer: User, tweet_id: int) -> list[str]:
    """Return sentences for operators, also about a tweet that the viewer may not see."""
    found = hydrate([tweet_id], viewer_id=viewer.pk)
    if not found:
        return ["Not in the timeline.", "There is no such tweet."]
    explained = _explain(viewer, found[0])
    told = [reason.text for reason in explained.reasons]
    if explained.broken is not None:
        rule = f"Rule {explained.broken.number} is not met: {explained.broken.text}"
        return ["Not in the timeline.", *told, rule]
    start = "In the timeline." if explained.shown else "Not in the timeline yet."
    return [start, *told, *([explained.place.value] if explained.place else [])]


def _explain(viewer: User, tweet: Facts) -> Explanation:
    home = Home(viewer.pk, readers.load(viewer))
    attach([tweet], [ANSWERED], home.viewer)
    broken = home.why_not(tweet)
    place = None if broken else _place(tweet, home)
    shown = broken is None and place is not Place.PENDING
    if broken is not None:
        found = [_against(broken, viewer, home, tweet)]
    else:
        found = [*_in_favour(tweet, home), *([] if shown else [reasons.pending(tweet)])]
    other = _other_entry(tweet, home, newer=shown)
    if other is not None:
        found.append(reasons.from_other_entry(other, folded=shown))
    return Explanation(shown, found, broken, place)


def _in_favour(tweet: Facts, home: Home) -> Iterator[Reason]:
    tags = followed_tags(tweet, home.viewer)
    for source in home.sources_of(tweet):
        yield from reasons.from_source(source, tweet, tags)
    yield from reasons.from_reply(tweet)


def _against(broken: Rule, viewer: User, home: Home, tweet: Facts) -> Reason:
    reason = reasons.from_rule(broken, tweet)
    if broken is rules.EXCLUSIVE:
        found = exclusive_lists_with(owner=viewer, user_id=tweet.author_id)
        return replace(reason, lists=[(each.pk, each.name) for each in found])
    if broken is rules.FILTERED:
        hiding = found_by([each for each in home.filters if each.hides], tweet)
        return replace(reason, filters=[(each.id, each.title) for each in hiding])
    return reason


def _place(tweet: Facts, home: Home) -> Place:
    sources = home.sources_of(tweet)
    if Source.OWN in sources:
        return Place.OWN
    if Source.HASHTAG in sources:
        return Place.HASHTAG
    author = store.author(tweet.author_id)
    pulled = author in home.sources
    source = author if pulled else home.sources[0]
    try:
        floor, ids = store.peek(source)
    except RedisAway:
        return Place.AWAY
    if floor is None:
        return Place.PULLED if pulled else Place.COLD
    if tweet.id <= floor:
        return Place.PULLED if pulled else Place.BELOW
    if tweet.id not in ids:
        return Place.PENDING
    return Place.PULLED if pulled else Place.PUSHED


def _other_entry(tweet: Facts, home: Home, *, newer: bool) -> Facts | None:
    """Return the newest other entry of the timeline that shows the same tweet.

    With `newer`, only one that is newer than the tweet.
    """
    original = original_id(tweet)
    found = [original, *candidates.reposts_seen(home.viewer_id, of=original)]
    least = tweet.id if newer else 0
    wanted = [id_ for id_ in found if id_ != tweet.id and id_ > least]
    entries = hydrate(wanted, viewer_id=home.viewer_id) if wanted else []
    return next((entry for entry in entries if home.why_not(entry) is None), None)
