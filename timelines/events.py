"""Work that a task of timelines hands on to its next step."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutContinued(DomainEvent):
    """A tweet is to be pushed to those followers of its author whose ids are in a range."""

    topic = "fanout.continued"
    together = ("author_id", "after", "up_to")
    tweet_id: int
    author_id: int
    after: int
    up_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemotionContinued(DomainEvent):
    """A demotion is to serve the followers with ids above `after`."""

    topic = "demotion.continued"
    author_id: int
    generation: int
    after: int
