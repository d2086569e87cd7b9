"""Keep the conversations of direct tweets, and mark them as read."""

from collections.abc import Collection

from django.db.models import BigIntegerField, F, Value
from django.db.models.functions import Greatest, Least

from accounts.models import User
from chirp.db.routing import on_primary
from tweets.conversations.models import Conversation
from tweets.conversations.read import DirectConversation, access_conversation
from tweets.models import Tweet
from tweets.sql import conversations as sql


def note_direct(tweet: Tweet, recipient_ids: Collection[int]) -> None:
    """Put a new direct tweet into the conversations of its author and its recipients.

    Who writes in a conversation has read it. Call it in the transaction that posts the tweet.
    """
    sql.NOTE_DIRECT.rows(
        users=sorted({tweet.author_id, *recipient_ids}),
        author=tweet.author_id,
        conversation=tweet.conversation_id,
        tweet=tweet.pk,
    )


def mark_read(*, user: User, conversation_id: int, up_to: int | None = None) -> DirectConversation:
    """Mark a conversation as read, up to the tweet `up_to` or to its end, and return it.

    Idempotent: what is read stays read. Raises NotFound if the user sees no direct tweet of it.
    """
    access_conversation(viewer=user, conversation_id=conversation_id)
    newest = F("newest_id")
    read = newest if up_to is None else Least(newest, Value(up_to, BigIntegerField()))
    rows = Conversation.objects.filter(user=user, pk=conversation_id)
    with on_primary():  # the page of a conversation does this too
        rows.update(read_up_to=Greatest("read_up_to", read))
    return access_conversation(viewer=user, conversation_id=conversation_id)
