"""When things happened in the town: the past days, and most of it lately. Imports no Django."""

import random
from datetime import datetime, timedelta

STAY = timedelta(days=2)  # how long ago the guest joined
SPAN = timedelta(days=6)  # for how long people have been posting
JOINING = timedelta(days=200)  # how long before that the first of them joined
LAST = timedelta(minutes=90)  # for the welcome of the guest
LEAST = timedelta(seconds=2)


class Clock:
    """Goes forward with everything that is posted.

    Ids are times, and an interrupted run is replayed in the order of ids, so it never stands still.
    The same random numbers give the same times.
    """

    def __init__(self, rng: random.Random, *, end: datetime, actions: int) -> None:
        self.rng = rng
        self.end = end
        self.actions = actions
        self.now = self._planned(0)
        self.step = LEAST

    def begin(self, action: int) -> None:
        """Go to the moment of an action, or stay if it has passed."""
        self.now = max(self.now + LEAST, self._planned(action))
        self.step = max(LEAST, (self._planned(action + 1) - self.now) / 4)

    def begin_welcome(self) -> None:
        """From now on, things happen every few minutes."""
        self.now = max(self.now, self.end - LAST)
        self.step = timedelta(minutes=4)

    def tick(self) -> datetime:
        """Go forward to the moment of the next tweet, and return it."""
        self.now += max(LEAST, self.step * self.rng.uniform(0.2, 1.0))
        return self.now

    def _planned(self, action: int) -> datetime:
        """Half of all actions are in the last quarter of the time."""
        left = max(0.0, 1 - action / self.actions)
        return self.end - LAST - SPAN * left**2


def joined(place: int, *, of: int, end: datetime) -> datetime:
    """When one of the people joined: `place` of `of`, the first one first."""
    return end - LAST - SPAN - JOINING * (1 - place / of)
