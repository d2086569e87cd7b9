"""Conversations of direct statuses."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.pages import listing
from mastodon.presenters.accounts import account
from mastodon.presenters.statuses import statuses
from mastodon.replies import Reply
from people.selectors import active_by_handle
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
    last = statuses([one.newest for one in found], call.base)
    handles = {handle for one in found for handle in one.participants}
    people = active_by_handle(handles=handles) if handles else {}
    return [
        {
            "id": str(one.id),
            "unread": one.unread,
            "accounts": _accounts(call, one, people),
            "last_status": status,
        }
        for one, status in zip(found, last, strict=True)
    ]


def _accounts(call: Call, one: DirectConversation, people: dict[str, User]) -> list[Json]:
    """The others; oneself if there is nobody else."""
    found = [people[handle] for handle in one.participants if handle in people]
    return [account(person, call.base) for person in found or [call.user]]


@user("write:conversations")
def read_one(call: Call, id: str) -> Json:
    """POST conversations/:id/read."""
    return _represent(call, [mark_read(user=call.user, conversation_id=parsed(id))])[0]


@user("write:conversations")
def delete(call: Call, id: str) -> Json:
    """DELETE conversations/:id: it is read. Chirp keeps what was written to somebody."""
    mark_read(user=call.user, conversation_id=parsed(id))
    return {}
