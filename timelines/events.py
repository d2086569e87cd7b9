"""Events by which a task of timelines schedules its next step."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutContinued(DomainEvent):
    """A tweet must be pushed to the followers of its author with ids in a range.

    The range is `after` < id <= `up_to`; None means no upper bound.
    """

    topic = "fanout.continued"
    conceals = False
    together = ("author_id", "after", "up_to")
    tweet_id: int
    author_id: int
    after: int
    up_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemotionContinued(DomainEvent):
    """A demotion must continue with the followers with ids above `after`."""

    topic = "demotion.continued"
    conceals = False
    author_id: int
    generation: int
    after: int
