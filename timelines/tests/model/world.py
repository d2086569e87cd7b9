"""Some people, their tweets, and what every kind of step needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.models import User
from chirp.errors import ChirpError
from chirp.redis.client import client, guarded
from outbox.services import Delivery as Sent
from tweets.models import Tweet

PEOPLE = 5
FOLLOWED = (1, 2, 3)  # whom everybody follows in the beginning: these steps along the ring
THRESHOLD = 5  # nobody is a celebrity yet, and three followers are two ranges of a fan-out
CALLS_AT_MOST = 10_000
WHO = st.integers(0, PEOPLE - 1)
WHICH = st.integers(0, 9)  # of a list, counted from the newest and around


class Died(BaseException):
    """A process was killed. Nothing in it may catch this."""


class World(RuleBasedStateMachine):
    """The state that the steps share. It begins with a ring: everybody follows the next three.

    Every example runs in a savepoint of one transaction, which is far cheaper than to empty tables.
    """

    people: ClassVar[list[int]] = []
    now: ClassVar["World | None"] = None  # the one that runs, for what happens in the middle

    def __init__(self) -> None:
        super().__init__()
        self.tweets: list[int] = []
        self.queue: list[Sent] = []  # what the broker holds
        self.leased: set[int] = set()  # sent, and not to be sent again as long as the lease lasts
        self.worked_on: list[Sent] = []
        self.armed: dict[str, Callable[[], None]] = {}
        self.interrupted = 0
        self.calls = 0
        settings.CELEBRITY_FOLLOWERS = THRESHOLD
        settings.TIMELINE_BACKFILL_ON_FOLLOW = True
        guarded.reset()
        client().flushall()
        self.example = transaction.atomic()
        self.example.__enter__()
        World.now = self

    def teardown(self) -> None:
        """Forget all that happened."""
        World.now = None
        guarded.reset()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @invariant()
    def nobody_waits(self) -> None:
        """Begin to count anew (see `called`). Redis is never away for more than one step."""
        self.calls = 0
        guarded.reset()

    def called(self) -> None:
        """Count what one step asks of stores: who waits for somebody else asks for ever."""
        self.calls += 1
        assert self.calls < CALLS_AT_MOST, "somebody waits for what nobody does"

    def person(self, number: int) -> User:
        """One of the people, as they are now."""
        person: User = User.objects.get(pk=self.people[number])
        return person

    def everybody(self) -> list[User]:
        """All of them."""
        return list(User.objects.filter(pk__in=self.people).order_by("pk"))

    def tweet(self, which: int) -> Tweet:
        """One of the tweets, the newest first. There has to be one."""
        return Tweet.objects.get(pk=_counted(self.tweets, which))

    def keep(self, tweet: Tweet) -> None:
        """Remember a tweet that was posted."""
        if tweet.pk not in self.tweets:
            self.tweets.append(tweet.pk)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing happens in the middle of what is done here."""
        armed, self.armed = self.armed, {}
        try:
            yield
        finally:
            self.armed = armed


def refused() -> suppress:
    """What the services refuse is part of life."""
    return suppress(ChirpError)


def counted(rows: Any, which: int) -> Any:
    """One of these rows, counted from the newest and around; None when there is none."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=_counted(keys, which)) if keys else None


def _counted(keys: list[int], which: int) -> int:
    return keys[-1 - which % len(keys)]
