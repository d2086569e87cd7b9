"""Why is a tweet in a timeline, or not: for `manage.py timeline why` and `show`."""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from chirp.redis.client import RedisAway
from timelines import candidates, services, store
from timelines.rules import broken_rule
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate
from tweets.read.viewer import ViewerContext


@dataclass(frozen=True, slots=True)
class Held:
    """How a timeline is kept: `floor` None when it is cold, `ids` what the store holds."""

    floor: int | None
    ids: list[int]
    pulled: list[int]


def held(viewer: User) -> Held:
    """What Redis holds for a viewer, without making anything warm."""
    pulled = candidates.pulled_followees(viewer.pk)
    floor, ids = store.peek(store.home(viewer.pk))
    return Held(floor, ids, pulled)


def why(viewer: User, tweet_id: int) -> list[str]:
    """Sentences, the verdict first, then how the tweet reaches the timeline or why it does not."""
    found = hydrate([tweet_id], viewer_id=viewer.pk)
    if not found:
        return ["Not in the timeline.", "There is no such tweet."]
    tweet = found[0]
    context = ViewerContext(viewer_id=viewer.pk)
    broken = broken_rule(tweet, viewer=context, backfill=settings.TIMELINE_BACKFILL_ON_FOLLOW)
    if broken is not None:
        return ["Not in the timeline.", f"Rule {broken.number} keeps it out: {broken.asks}"]
    return ["In the timeline.", *_source(viewer, tweet)]


def _source(viewer: User, tweet: Facts) -> list[str]:
    if tweet.mine:
        return ["The viewer's own tweets are read from Postgres."]
    if services.is_pulled(tweet.author_id):
        return [f"@{tweet.handle} is a celebrity: readers pull their tweets."]
    try:
        floor, ids = store.peek(store.home(viewer.pk))
    except RedisAway:
        return ["Redis is away: it is read from Postgres."]
    if floor is None:
        return ["The timeline is cold: it is built from Postgres at the next read."]
    if tweet.id <= floor:
        return ["It lies below the floor: it is read from Postgres."]
    if tweet.id in ids:
        return ["It was pushed: Redis holds it."]
    return ["Redis does not hold it (yet): its fan-out or merge is still to come."]
