"""Hide tweets and their media on behalf of a moderator, mark them as sensitive, and undo it."""

import logging
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotFound
from outbox.services import publish
from tweets import mentions_and_tags
from tweets.counts import counted_by, recount, recount_referred
from tweets.events import TweetHidden, TweetMediaChanged, TweetRestored
from tweets.locks import lock_tweets
from tweets.models import Tweet
from tweets.sql import counts as sql

log = logging.getLogger(__name__)


def hide_tweet(*, tweet_id: int, by: User) -> None:
    """Hide a tweet from all users, including its author. Raises NotFound.

    Hiding a hidden tweet does nothing. The tweet is no longer counted. It stays in timelines, since
    it may be restored; reads leave it out.
    """
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is None:
            _write(tweet, hidden_at=Now())
            publish(TweetHidden(tweet_id=tweet_id))
            log.info("Tweet %d was hidden by account %d.", tweet_id, by.pk)


def unhide_tweet(*, tweet_id: int, by: User) -> None:
    """Make a hidden tweet visible again. Does nothing if it is visible. Raises NotFound."""
    with transaction.atomic():
        tweet = _locked(tweet_id)
        if tweet.hidden_at is not None:
            _write(tweet, hidden_at=None)
            publish(TweetRestored(tweet_id=tweet_id))
            log.info("Tweet %d was restored by account %d.", tweet_id, by.pk)


def mark_sensitive(*, tweet_id: int, by: User, on: bool = True) -> None:
    """Mark a tweet as sensitive, whatever its author says, or take that mark back. Idempotent.

    Raises NotFound.
    """
    _set(tweet_id, marked_sensitive=on)
    done = "marked as sensitive" if on else "unmarked"
    log.info("Tweet %d was %s by account %d.", tweet_id, done, by.pk)


@transaction.atomic
def hide_media(*, tweet_id: int, by: User, on: bool = True) -> None:
    """Hide pictures, videos and recordings of a tweet from everybody, or show them again.

    Idempotent. Raises NotFound.
    """
    _set(tweet_id, media_hidden=on)
    publish(TweetMediaChanged(tweet_id=tweet_id))
    done = "hidden" if on else "restored"
    log.info("The media of tweet %d were %s by account %d.", tweet_id, done, by.pk)


@transaction.atomic
def _set(tweet_id: int, **changes: bool) -> None:
    """Change columns that no count depends on."""
    _locked(tweet_id)
    lock_tweets([tweet_id])
    Tweet.objects.filter(pk=tweet_id).update(**changes)


def _locked(tweet_id: int) -> Tweet:
    """Lock the author, as every change to a tweet does, and return the tweet. Raises NotFound."""
    author_id = Tweet.objects.filter(pk=tweet_id).values_list("author", flat=True).first()
    if author_id is None:
        raise NotFound
    lock_account(author_id)
    return Tweet.objects.get(pk=tweet_id)


def _write(tweet: Tweet, **changes: Any) -> None:
    """Change a tweet, and redo the counts that may include it."""
    lock_tweets([tweet.pk, *counted_by(tweet)])
    Tweet.objects.filter(pk=tweet.pk).update(**changes)
    mentions_and_tags.relist(tweet.pk)
    recount(sql.USER_TWEETS, [tweet.author_id])
    recount_referred(tweet)
