"""The base of typed events: what happened, as an app declares it in its `events.py`.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class TweetPosted(DomainEvent):
        topic = "tweet.posted"
        tweet_id: int

An event carries ids, never rows: its consumers read what is there by then. Which tasks these are
is in settings.OUTBOX_ROUTES. Pure.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

# Every declared event by its topic.
TOPICS: dict[str, type["DomainEvent"]] = {}


class TopicTaken(Exception):
    """Two classes of events have the same topic: a mistake in the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Something that happened. Its fields become the keyword arguments of the consuming tasks.

    Events of one topic that are equal in the fields named by `together` can be consumed at once;
    None means one by one.
    """

    topic: ClassVar[str]
    together: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(cls) -> None:
        """Register the class. A dataclass with slots is made twice under one name."""
        known = TOPICS.setdefault(cls.topic, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TopicTaken(cls.topic)
        TOPICS[cls.topic] = cls

    def payload(self) -> dict[str, Any]:
        """The fields by name, as JSON can hold them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def group(self) -> str | None:
        """What is equal in events that can be consumed at once."""
        if self.together is None:
            return None
        return ":".join(str(getattr(self, name)) for name in self.together)
