"""What moderators do to tweets: hide them from everybody, and bring them back."""

import logging

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotFound
from tweets.models import Tweet

log = logging.getLogger(__name__)


def hide_tweet(*, tweet_id: int, by: User) -> None:
    """Hide a tweet from everybody, its author too. Twice is the same as once. NotFound.

    Counts stay, and timelines keep it: it is still there, may come back, and reads leave it out.
    """
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is None:
            Tweet.objects.filter(pk=tweet_id).update(hidden_at=Now())
            log.info("Tweet %d was hidden by @%s.", tweet_id, by.handle)


def unhide_tweet(*, tweet_id: int, by: User) -> None:
    """Bring a hidden tweet back. Twice is the same as once. NotFound."""
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is not None:
            Tweet.objects.filter(pk=tweet_id).update(hidden_at=None)
            log.info("Tweet %d was brought back by @%s.", tweet_id, by.handle)


def _locked(tweet_id: int) -> Tweet:
    """The tweet, with its author locked, as for everything that the author does."""
    author_id = Tweet.objects.filter(pk=tweet_id).values_list("author", flat=True).first()
    if author_id is None:
        raise NotFound
    lock_account(author_id)
    return Tweet.objects.get(pk=tweet_id)
