"""Explain why a tweet is in a timeline or not, for `manage.py timeline why` and `show`."""

from dataclasses import dataclass

from accounts.models import User
from chirp.redis.client import RedisAway
from timelines import candidates, readers, services, store
from timelines.selectors import Home
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate


@dataclass(frozen=True, slots=True)
class StoredTimeline:
    """A home timeline in Redis: its floor (None if it is cold), its ids, and the pulled authors."""

    floor: int | None
    ids: list[int]
    pulled: list[int]


def stored_timeline(viewer: User) -> StoredTimeline:
    """Return what Redis holds for a viewer, without making a timeline warm."""
    pulled = candidates.pulled_followees(viewer.pk)
    floor, ids = store.peek(store.home(viewer.pk))
    return StoredTimeline(floor, ids, pulled)


def why(viewer: User, tweet_id: int) -> list[str]:
    """Return sentences: first whether the tweet is in the timeline, then the reason."""
    found = hydrate([tweet_id], viewer_id=viewer.pk)
    if not found:
        return ["Not in the timeline.", "There is no such tweet."]
    tweet = found[0]
    home = Home(viewer.pk, readers.load(viewer))
    broken = home.why_not(tweet)
    if broken is not None:
        return ["Not in the timeline.", f"Rule {broken.number} is not met: {broken.text}"]
    if home.is_only_tagged(tweet):
        return ["In the timeline.", "The viewer follows one of its hashtags: it is in Postgres."]
    return ["In the timeline.", *_source(viewer, tweet)]


def _source(viewer: User, tweet: Facts) -> list[str]:
    if tweet.mine:
        return ["The viewer's own tweets are read from Postgres."]
    if services.is_pulled(tweet.author_id):
        return [f"@{tweet.handle} is a celebrity: the tweet is pulled when the timeline is read."]
    try:
        floor, ids = store.peek(store.home(viewer.pk))
    except RedisAway:
        return ["Redis is not available: the tweet is read from Postgres."]
    if floor is None:
        return ["The timeline is cold: it is built from Postgres at the next read."]
    if tweet.id <= floor:
        return ["The tweet is below the floor: it is read from Postgres."]
    if tweet.id in ids:
        return ["The tweet was pushed: it is in Redis."]
    return ["The tweet is not in Redis yet: its fan-out or merge is pending."]
