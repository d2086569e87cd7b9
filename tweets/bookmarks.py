"""Bookmarks: tweets that a user keeps for later. Nobody else sees them, and nothing counts them.

Adding one requires that the user may see the tweet. Removing one does not, as with marks.
"""

from accounts.models import User
from tweets.marks import original_id_of
from tweets.models import Bookmark
from tweets.read.access import BlockedByYou, access_original


def add(*, user: User, tweet_id: int) -> int:
    """Bookmark a tweet, and return its id, or for a repost the id of the original. Idempotent.

    Raises NotFound if the user may not see the tweet, and BlockedByYou if the user blocks its
    author.
    """
    original = access_original(viewer=user, tweet_id=tweet_id)
    if original.blocks:
        raise BlockedByYou
    if not original.bookmarked:
        # Tweets are never removed while somebody acts on them, only marked as deleted; and
        # ignore_conflicts settles two requests at once.
        Bookmark.objects.bulk_create(
            [Bookmark(user=user, tweet_id=original.id)], ignore_conflicts=True
        )
    return original.id


def remove(*, user: User, tweet_id: int) -> int:
    """Remove a bookmark if there is one, and return the id of the tweet.

    Raises NotFound if there is none and the user may not see the tweet.
    """
    original_id = original_id_of(tweet_id)
    if Bookmark.objects.filter(user=user, tweet_id=original_id).delete()[0]:
        return original_id
    return access_original(viewer=user, tweet_id=tweet_id).id
