"""Conversations of direct tweets as their list shows them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from people.selectors import active_by_handle
from tweets.conversations.read import DirectConversation
from tweets.read.viewer import ViewerContext
from web.presenters.tweets import Card, cards

MENTIONS = re.compile(r"^(?:@\w+[\s,:]*)+")


@dataclass(frozen=True, slots=True)
class Participant:
    """One of the others in a conversation: `user` is None for an account that is not active."""

    handle: str
    user: User | None

    @property
    def name(self) -> str:
        """The name, or the handle of somebody without one."""
        return self.user.display_name if self.user else self.handle


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation: its participants, and its newest tweet."""

    conversation: DirectConversation
    card: Card
    participants: list[Participant]

    @property
    def beginning(self) -> str:
        """What the newest tweet says, without the mentions that it begins with."""
        text = str(self.card.tweet.text)
        return self.card.warning or MENTIONS.sub("", text) or text


def conversation_rows(
    conversations: Sequence[DirectConversation], *, viewer: ViewerContext
) -> list[ConversationRow]:
    """Conversations in their order. The names of all participants are one query."""
    newest = cards([each.newest for each in conversations], viewer=viewer)
    everybody = participants([handle for each in conversations for handle in each.participants])
    known = {each.handle: each for each in everybody}
    return [
        ConversationRow(each, card, [known[handle] for handle in each.participants])
        for each, card in zip(conversations, newest, strict=True)
    ]


def participants(handles: Sequence[str]) -> list[Participant]:
    """The accounts with these handles, in this order. One query, if there are any."""
    users = active_by_handle(handles=handles) if handles else {}
    return [Participant(handle, users.get(handle)) for handle in handles]
