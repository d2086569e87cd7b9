"""Steps of Redis, which forgets and is away, and what happens in the middle of other steps."""

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
from timelines.tests.model.world import WHO, Died, World, refused
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

# Where something may happen in between: before these do what they are called for. None of them is
# called while locks are held that would make what happens wait.
POINTS: dict[str, tuple[Any, str]] = {
    "a builder announces": (store, "announce"),
    "Postgres is asked": (candidates, "below"),
    "a build is finished": (store, "finish"),
    "something is merged": (store, "add"),
    "something is pushed": (store, "push"),
}
KINDS = st.sampled_from(["home", "home", "author"])
WAYS_TO_FORGET = st.sampled_from(["evicted", "expired", "lease ended", "redis emptied"])
# Methods below, each for (who, whom).
ACTS = st.sampled_from(
    [
        *("post", "post", "follow", "unfollow", "delete"),
        *("overtake", "lose_all", "lose_redis", "die"),
    ]
)


def interruptible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let armed things happen at POINTS."""
    for name, (module, function) in POINTS.items():
        monkeypatch.setattr(module, function, _interrupted(name, getattr(module, function)))


def _interrupted(point: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def later(*args: Any, **kwargs: Any) -> Any:
        if (world := World.now) is not None:
            world.called()
            if act := world.armed.pop(point, None):
                world.interrupted += 1
                act()
        return function(*args, **kwargs)

    return later


class Faults(Delivery):
    """What goes wrong around timelines."""

    @rule(kind=KINDS, who=WHO, how=WAYS_TO_FORGET)
    def forget(self, kind: str, who: int, how: str) -> None:
        """A timeline is dropped, or not read for long; a lease of a builder ends; all is gone."""
        source = self.source(kind, who)
        if how == "evicted":
            store.drop([source])
        elif how == "expired":
            _expire(source.key)
        elif how == "lease ended":
            _expire(source.build)
        elif how == "redis emptied":
            client().flushall()

    @rule(kind=KINDS, who=WHO)
    def builder_dies(self, kind: str, who: int) -> None:
        """Somebody begins to build a timeline, and never ends."""
        source = self.source(kind, who)
        with self.quiet():
            begun = store.announce([source])
            assert not store.announce([source]), "two build the same"
        if begun:
            assert client().pttl(source.build) > 0, "a dead builder would block others for ever"

    @rule(point=st.sampled_from(sorted(POINTS)), act=ACTS, who=WHO, whom=WHO)
    def arm(self, point: str, act: str, who: int, whom: int) -> None:
        """The next time that somebody comes to this point, something happens first."""
        self.armed[point] = partial(getattr(self, f"_{act}"), who, whom)

    def source(self, kind: str, who: int) -> store.Source:
        """A timeline of one of the people."""
        return getattr(store, kind)(self.people[who])  # type: ignore[no-any-return]

    def _post(self, who: int, whom: int) -> None:
        self.keep(post_tweet(author=self.person(whom), text="meanwhile"))
        self.turn()

    def _follow(self, who: int, whom: int) -> None:
        with refused():
            people.follow(follower=self.person(who), followee=self.person(whom))
        self.turn()

    def _unfollow(self, who: int, whom: int) -> None:
        with refused():
            people.unfollow(follower=self.person(who), followee=self.person(whom))
        self.turn()

    def _delete(self, who: int, whom: int) -> None:
        if self.tweets:
            tweet = self.tweet(0)
            delete_tweet(author=tweet.author, tweet_id=tweet.pk)
        self.turn()

    def _overtake(self, who: int, whom: int) -> None:
        """The lease of all builders ends, something is posted, and others begin to build."""
        homes = [store.home(pk) for pk in self.people]
        for source in homes:
            _expire(source.build)
        self._post(who, whom)
        with self.quiet(), suppress(RedisAway):
            store.announce(homes)

    def _lose_all(self, who: int, whom: int) -> None:
        client().flushall()

    def _lose_redis(self, who: int, whom: int) -> None:
        guarded.open_until = math.inf

    def _die(self, who: int, whom: int) -> None:
        raise Died


def _expire(key: str) -> None:
    if client().pexpire(key, 1):
        while client().exists(key):
            time.sleep(0.0005)
