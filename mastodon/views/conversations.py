"""Conversations of direct statuses."""

from collections.abc import Sequence
from typing import Any

from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.pages import listing
from mastodon.presenters.conversations import conversations
from mastodon.replies import Reply
from tweets.conversations import read
from tweets.conversations.read import DirectConversation
from tweets.conversations.services import mark_read

Json = dict[str, Any]


@user("read:statuses")
def index(call: Call) -> Reply:
    """GET conversations."""

    def fetch(*, page: PageRequest) -> Page[DirectConversation]:
        return read.conversations(viewer=call.user, page=page)

    return listing(call, fetch, lambda found: _represent(call, found))


def _represent(call: Call, found: Sequence[DirectConversation]) -> list[Json]:
    return conversations(found, viewer=call.user, base=call.base)


@user("write:conversations")
def read_one(call: Call, id: str) -> Json:
    """POST conversations/:id/read."""
    return _represent(call, [mark_read(user=call.user, conversation_id=parsed(id))])[0]


@user("write:conversations")
def delete(call: Call, id: str) -> Json:
    """DELETE conversations/:id: it is read. Chirp keeps what was written to somebody."""
    mark_read(user=call.user, conversation_id=parsed(id))
    return {}
