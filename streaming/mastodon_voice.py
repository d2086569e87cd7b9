"""What streams of Mastodon's API say: its entities."""

from collections.abc import Iterator, Sequence

import orjson

from accounts.models import User
from chirp.errors import NotFound
from mastodon.presenters.conversations import conversations
from mastodon.presenters.notifications import TYPES
from mastodon.presenters.notifications import notifications as represent
from mastodon.presenters.statuses import status
from notifications.singles import single
from tweets.conversations.read import conversation_of
from tweets.read.facts import Facts


def tweet(facts: Facts, base: str) -> bytes:
    """Return the status of a tweet."""
    return orjson.dumps(status(facts, base))


def conversation(newest: Facts, base: str) -> bytes | None:
    """Return the conversation of a direct tweet for its viewer; None if they have none."""
    found = conversation_of(newest)
    viewer = User.objects.filter(pk=newest.viewer_id).first()
    if found is None or viewer is None:
        return None
    return orjson.dumps(conversations([found], viewer=viewer, base=base)[0])


def notifications(viewer: User, ids: Sequence[int], base: str) -> Iterator[bytes]:
    """Yield the notifications that the viewer sees, and whose kind clients know."""
    for id_ in ids:
        try:
            found = single(viewer=viewer, notification_id=id_, kinds=list(TYPES))
        except NotFound:
            continue
        yield from map(orjson.dumps, represent([found], viewer=viewer, base=base))
