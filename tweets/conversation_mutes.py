"""Mute conversations: one is no longer told of what happens in them, and reads them as before."""

from accounts.models import User
from tweets.models import ConversationMute, Tweet
from tweets.read.access import access_original


def mute_conversation(*, user: User, tweet_id: int) -> int:
    """Mute the conversation of a tweet, and return the tweet's id, or that of the original.

    Idempotent. Raises NotFound if the user may not see the tweet.
    """
    tweet = access_original(viewer=user, tweet_id=tweet_id)
    ConversationMute.objects.get_or_create(
        user=user, conversation_id=tweet.conversation_id or tweet.id
    )
    return tweet.id


def unmute_conversation(*, user: User, tweet_id: int) -> None:
    """Undo `mute_conversation`, whatever became of the tweet. Idempotent."""
    row = Tweet.objects.filter(pk=tweet_id).select_related("repost_of").first()
    original = row and (row.repost_of or row)
    if original is not None:
        conversation_id = original.conversation_id or original.pk
        ConversationMute.objects.filter(user=user, conversation_id=conversation_id).delete()
