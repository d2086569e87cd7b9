"""Conversations of direct statuses as entities."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from mastodon.presenters.accounts import full_accounts
from mastodon.presenters.statuses import statuses
from people.selectors import active_by_handle
from tweets.conversations.read import DirectConversation

Json = dict[str, Any]


def conversations(found: Sequence[DirectConversation], *, viewer: User, base: str) -> list[Json]:
    """Conversations. The number of queries does not depend on theirs."""
    last = statuses([one.newest for one in found], base)
    handles = {handle for one in found for handle in one.participants}
    people = active_by_handle(handles=handles) if handles else {}
    accounts = full_accounts([viewer, *people.values()], base)
    return [
        {
            "id": str(one.id),
            "unread": one.unread,
            "accounts": [accounts[each.pk] for each in _others(one, people) or [viewer]],
            "last_status": status,
        }
        for one, status in zip(found, last, strict=True)
    ]


def _others(one: DirectConversation, people: dict[str, User]) -> list[User]:
    return [people[handle] for handle in one.participants if handle in people]
