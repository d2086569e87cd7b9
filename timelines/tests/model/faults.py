"""Steps in which Redis loses data or is not available, and interruptions of other steps."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from chirp.redis.client import RedisAway, client, guarded
from people import services as people
from timelines import candidates, store
from timelines.tests.model.delivery import Delivery
from timelines.tests.model.world import USER, ProcessKilled, World, ignore_refusals
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

# The points at which a step can be interrupted: just before these functions run. None of them is
# called while locks are held that would block the interruption.
POINTS: dict[str, tuple[Any, str]] = {
    "a builder announces": (store, "announce"),
    "Postgres is read": (candidates, "below"),
    "Postgres is read for a build": (candidates, "newest"),
    "a build finishes": (store, "finish"),
    "ids are merged": (store, "add"),
    "ids are pushed": (store, "push"),
    "ids of a range are pushed": (store, "push_to_all"),
}
KINDS = st.sampled_from(["home", "home", "author"])
CAUSES = st.sampled_from(["evicted", "expired", "lease ended", "redis emptied"])
# The names of methods below, each of which takes two users.
ACTIONS = st.sampled_from(
    [
        *("post", "post", "follow", "unfollow", "delete"),
        *("take_over_builds", "empty_redis", "disconnect_redis", "kill_process"),
    ]
)


def make_interruptible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let interruptions run at POINTS."""
    for name, (module, function) in POINTS.items():
        monkeypatch.setattr(module, function, _interruptible(name, getattr(module, function)))


def _interruptible(point: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def interrupted(*args: Any, **kwargs: Any) -> Any:
        if (world := World.current) is not None:
            world.count_call()
            if action := world.interruptions.pop(point, None):
                world.interruption_count += 1
                action()
        return function(*args, **kwargs)

    return interrupted


class Faults(Delivery):
    """Lost data, dead builders, and interruptions."""

    @rule(kind=KINDS, user=USER, cause=CAUSES)
    def forget_timeline(self, kind: str, user: int, cause: str) -> None:
        """A timeline is evicted or expires, the lease of its builder ends, or Redis is emptied."""
        source = self.source(kind, user)
        if cause == "evicted":
            store.drop([source])
        elif cause == "expired":
            _expire(source.key)
        elif cause == "lease ended":
            _expire(source.build)
        elif cause == "redis emptied":
            client().flushall()

    @rule(kind=KINDS, user=USER)
    def builder_dies(self, kind: str, user: int) -> None:
        """A process begins to build a timeline, and never finishes."""
        source = self.source(kind, user)
        with self.without_interruptions():
            begun = store.announce([source])
            assert not store.announce([source]), "two processes build the same timeline"
        if begun:
            assert client().pttl(source.build) > 0, "a dead builder would block others forever"

    @rule(point=st.sampled_from(sorted(POINTS)), action=ACTIONS, user1=USER, user2=USER)
    def arm_interruption(self, point: str, action: str, user1: int, user2: int) -> None:
        """The next time that a step reaches this point, an action happens first."""
        self.interruptions[point] = partial(getattr(self, f"_{action}"), user1, user2)

    def source(self, kind: str, user: int) -> store.Source:
        """Return a timeline of a user."""
        return getattr(store, kind)(self.user_ids[user])  # type: ignore[no-any-return]

    def _post(self, user: int, other: int) -> None:
        self.remember(post_tweet(author=self.user(other), text="meanwhile"))
        self.deliver_round()

    def _follow(self, user: int, other: int) -> None:
        with ignore_refusals():
            people.follow(follower=self.user(user), followee=self.user(other))
        self.deliver_round()

    def _unfollow(self, user: int, other: int) -> None:
        with ignore_refusals():
            people.unfollow(follower=self.user(user), followee=self.user(other))
        self.deliver_round()

    def _delete(self, user: int, other: int) -> None:
        if self.tweets:
            tweet = self.tweet(0)
            delete_tweet(author=tweet.author, tweet_id=tweet.pk)
        self.deliver_round()

    def _take_over_builds(self, user: int, other: int) -> None:
        """The leases of all builders end, a tweet is posted, and other builders begin."""
        homes = [store.home(pk) for pk in self.user_ids]
        for source in homes:
            _expire(source.build)
        self._post(user, other)
        with self.without_interruptions(), suppress(RedisAway):
            store.announce(homes)

    def _empty_redis(self, user: int, other: int) -> None:
        client().flushall()

    def _disconnect_redis(self, user: int, other: int) -> None:
        guarded.open_until = math.inf

    def _kill_process(self, user: int, other: int) -> None:
        raise ProcessKilled


def _expire(key: str) -> None:
    if client().pexpire(key, 1):
        while client().exists(key):
            time.sleep(0.0005)
