"""Deleting a tweet: it is hidden at once, everywhere, and its row is kept."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from outbox.services import publish
from tweets.counts import count_tweet, counted_by
from tweets.events import TweetDeleted
from tweets.locks import lock_tweets
from tweets.models import Tweet
from tweets.read.access import access_own


def delete_tweet(*, author: User, tweet_id: int) -> None:
    """Delete one's tweet, or undo one's repost by its id. Twice is the same as once.

    NotFound for what they may not see, NotYours for other people's tweets.
    """
    with transaction.atomic():
        lock_account(author.pk)
        tweet = access_own(author=author, tweet_id=tweet_id)
        if tweet.deleted_at is None:
            retire(tweet)


def retire(tweet: Tweet) -> None:
    """Delete a tweet that is not deleted yet, or undo a repost. The author must be locked."""
    lock_tweets([tweet.pk, *counted_by(tweet)])
    Tweet.objects.filter(pk=tweet.pk).update(deleted_at=Now())
    count_tweet(tweet, by=-1)
    publish(TweetDeleted(tweet_id=tweet.pk))
