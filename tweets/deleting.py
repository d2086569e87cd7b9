"""Delete tweets: a deleted tweet is hidden everywhere at once, and its row is kept."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from media.previews.services import unlink
from outbox.services import publish
from tweets import mentions_and_tags
from tweets.counts import count_removed, counted_by
from tweets.events import TweetDeleted
from tweets.locks import lock_tweets
from tweets.models import Tweet
from tweets.read.access import access_own


def delete_tweet(*, author: User, tweet_id: int) -> None:
    """Delete a tweet of the author, or undo the author's repost that has this id.

    Deleting a deleted tweet does nothing. Raises NotFound if the author may not see the tweet, and
    NotYours if it belongs to another account.
    """
    with transaction.atomic():
        author_is_public = lock_account(author.pk)
        tweet = access_own(author=author, tweet_id=tweet_id)
        if tweet.deleted_at is None:
            mark_deleted(tweet, author_is_public=author_is_public)


def mark_deleted(tweet: Tweet, *, author_is_public: bool) -> None:
    """Delete a tweet or a repost that is not deleted yet.

    The caller must hold the lock on the author.
    """
    lock_tweets([tweet.pk, *counted_by(tweet)])
    Tweet.objects.filter(pk=tweet.pk).update(deleted_at=Now())
    mentions_and_tags.relist(tweet.pk)
    unlink(tweet_id=tweet.pk)
    count_removed(tweet, author_is_public=author_is_public)
    publish(TweetDeleted(tweet_id=tweet.pk))
