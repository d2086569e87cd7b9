"""The base class of domain events, which each app declares in its `events.py`.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class TweetPosted(DomainEvent):
        topic = "tweet.posted"
        tweet_id: int

An event carries ids, never rows: its consumers read the current rows when they run.
settings.OUTBOX_ROUTES lists the consumers (tasks) of each topic. This module does not use Django.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

# Every declared event class, by its topic.
TOPICS: dict[str, type["DomainEvent"]] = {}


class TopicTaken(Exception):
    """Two event classes have the same topic, which is a programming error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """An event. Its fields become the keyword arguments of the consuming tasks.

    `conceals` says that the change takes something away from readers other than the one who made
    it, or may do so: then no replica of Postgres that lacks it answers anybody.

    `together` names fields. Events of one topic with the same values in them can be consumed in
    one batch; with None each event is consumed separately.
    """

    topic: ClassVar[str]
    conceals: ClassVar[bool] = True
    together: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(cls) -> None:
        """Register the class. `dataclass(slots=True)` creates it twice under the same name."""
        known = TOPICS.setdefault(cls.topic, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TopicTaken(cls.topic)
        TOPICS[cls.topic] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields by name, as JSON-serializable values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def group(self) -> str | None:
        """Return the batch key: events with the same one can be consumed together."""
        if self.together is None:
            return None
        return ":".join(str(getattr(self, name)) for name in self.together)
