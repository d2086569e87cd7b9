"""Hide tweets on behalf of a moderator, and restore them."""

import logging

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotFound
from tweets.models import Tweet

log = logging.getLogger(__name__)


def hide_tweet(*, tweet_id: int, by: User) -> None:
    """Hide a tweet from all users, including its author. Raises NotFound.

    Hiding a hidden tweet does nothing. Counts do not change, and the tweet stays in timelines,
    since it may be restored; reads leave it out.
    """
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is None:
            Tweet.objects.filter(pk=tweet_id).update(hidden_at=Now())
            log.info("Tweet %d was hidden by @%s.", tweet_id, by.handle)


def unhide_tweet(*, tweet_id: int, by: User) -> None:
    """Make a hidden tweet visible again. Does nothing if it is visible. Raises NotFound."""
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is not None:
            Tweet.objects.filter(pk=tweet_id).update(hidden_at=None)
            log.info("Tweet %d was restored by @%s.", tweet_id, by.handle)


def _locked(tweet_id: int) -> Tweet:
    """Lock the author, as every change to a tweet does, and return the tweet. Raises NotFound."""
    author_id = Tweet.objects.filter(pk=tweet_id).values_list("author", flat=True).first()
    if author_id is None:
        raise NotFound
    lock_account(author_id)
    return Tweet.objects.get(pk=tweet_id)
