"""The accounts and tweets of the model test, and what every kind of step needs."""

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
from outbox.relaying import Delivery as Sent
from tweets.models import Tweet

USERS = 5
FOLLOWED = (1, 2, 3)  # at the beginning each user follows the users this many steps along the ring
THRESHOLD = 5  # at first there is no celebrity, and three followers are two ranges of a fan-out
MAX_CALLS = 10_000
USER = st.integers(0, USERS - 1)
INDEX = st.integers(0, 9)  # into a list, counted from the newest and modulo its length


class ProcessKilled(BaseException):
    """Simulates a killed process. No code of the process may catch it."""


class World(RuleBasedStateMachine):
    """The state that all steps share. At the beginning each user follows the next three in a ring.

    Every example runs in a savepoint of one transaction, which is far cheaper than emptying tables.
    """

    user_ids: ClassVar[list[int]] = []
    current: ClassVar["World | None"] = None  # the running example, for interruptions

    def __init__(self) -> None:
        super().__init__()
        self.tweets: list[int] = []
        self.queue: list[Sent] = []  # the messages in the broker
        self.leased: set[int] = set()  # ids of events that must not be sent again yet
        self.recent: list[Sent] = []  # messages whose tasks ran last
        self.interruptions: dict[str, Callable[[], None]] = {}
        self.interruption_count = 0
        self.call_count = 0
        settings.CELEBRITY_FOLLOWERS = THRESHOLD
        settings.TIMELINE_BACKFILL_ON_FOLLOW = True
        guarded.reset()
        client().flushall()
        self.example = transaction.atomic()
        self.example.__enter__()
        World.current = self

    def teardown(self) -> None:
        """Roll back all changes of the example."""
        World.current = None
        guarded.reset()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @invariant()
    def reset_after_step(self) -> None:
        """Reset the count of calls, and make Redis available: an outage lasts one step at most."""
        self.call_count = 0
        guarded.reset()

    def count_call(self) -> None:
        """Count the calls that one step makes, so that an endless wait fails the test."""
        self.call_count += 1
        assert self.call_count < MAX_CALLS, "a step waits for something that never happens"

    def user(self, number: int) -> User:
        """Return a user with their current values."""
        user: User = User.objects.get(pk=self.user_ids[number])
        return user

    def all_users(self) -> list[User]:
        """Return all users."""
        return list(User.objects.filter(pk__in=self.user_ids).order_by("pk"))

    def tweet(self, index: int) -> Tweet:
        """Return one of the tweets, counted from the newest. There must be at least one."""
        return Tweet.objects.get(pk=_pick(self.tweets, index))

    def remember(self, tweet: Tweet) -> None:
        """Add a posted tweet to the list of tweets."""
        if tweet.pk not in self.tweets:
            self.tweets.append(tweet.pk)

    @contextmanager
    def without_interruptions(self) -> Iterator[None]:
        """Postpone all interruptions until the end of the block."""
        interruptions, self.interruptions = self.interruptions, {}
        try:
            yield
        finally:
            self.interruptions = interruptions


def ignore_refusals() -> suppress:
    """Return a context manager that ignores what the services refuse, which is normal here."""
    return suppress(ChirpError)


def pick(rows: Any, index: int) -> Any:
    """Return one of the rows, counted from the newest; None if there are none."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=_pick(keys, index)) if keys else None


def _pick(keys: list[int], index: int) -> int:
    return keys[-1 - index % len(keys)]
