"""What streams of the native API say: the JSON that its endpoints answer."""

import orjson

from accounts.models import User
from api.presenters.conversations import represent_conversations
from api.presenters.notifications import represent_groups
from api.presenters.tweets import represent, represent_counts
from chirp.errors import NotFound
from notifications import selectors
from tweets.conversations.read import conversation_of
from tweets.read.facts import Facts


def tweet(facts: Facts, base: str) -> bytes:
    """Return the JSON of a tweet."""
    return orjson.dumps(represent(facts, base=base))


def counts(facts: Facts) -> bytes:
    """Return the counts of a tweet."""
    return orjson.dumps({"id": str(facts.id), "counts": represent_counts(facts)})


def conversation(newest: Facts, base: str) -> bytes | None:
    """Return the conversation of a direct tweet for its viewer; None if they have none."""
    found = conversation_of(newest)
    return orjson.dumps(represent_conversations([found], base=base)[0]) if found else None


def group(viewer: User, group_id: int, base: str) -> tuple[str, bytes]:
    """Return a group of notifications as it is now, and the event that tells of it."""
    try:
        item = selectors.group(viewer=viewer, group_id=group_id)
    except NotFound:
        return "notification_gone", orjson.dumps({"id": str(group_id)})
    return "notification", orjson.dumps(represent_groups([item], viewer=viewer, base=base)[0])


def unread(user_id: int) -> bytes:
    """Return how much is unread."""
    reading = selectors.reading(user_id=user_id)
    return orjson.dumps({"notifications": reading.unread, "conversations": reading.conversations})
