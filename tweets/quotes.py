"""Detach one's tweet from a quote: the quote stays, but no longer shows the tweet."""

from django.db import transaction

from accounts.locks import lock_account, lock_accounts
from accounts.models import User
from chirp.errors import NotFound
from outbox.services import publish
from tweets.controls import QuotesFrom
from tweets.counts import recount
from tweets.events import QuoteDetached
from tweets.locks import lock_tweets
from tweets.models import Tweet
from tweets.read.access import access_own
from tweets.sql import counts as sql


def detach_quote(*, author: User, quote_id: int, tweet_id: int | None = None) -> int:
    """Detach a tweet of the author from one of its quotes, and return the id of the tweet.

    `quote_of` of the quote is then null for everybody, and the tweet no longer counts it. This
    works whatever is between the two accounts. Idempotent. Raises NotFound if there is no such
    quote of a tweet of the author, or of the tweet `tweet_id` if that is given.
    """
    with transaction.atomic():
        quote = _quote(author, quote_id)
        if tweet_id not in (None, quote.quote_of_id):
            raise NotFound
        # What its author does to the quote meanwhile, such as deleting it, changes the same count.
        lock_accounts(author.pk, quote.author_id)
        lock_tweets([quote_id, quote.quote_of_id or 0])
        detached = Tweet.objects.filter(pk=quote_id, quote_detached=False)
        assert quote.quote_of_id is not None
        if detached.update(quote_detached=True):
            recount(sql.TWEET_QUOTES, [quote.quote_of_id])
            publish(QuoteDetached(tweet_id=quote.quote_of_id, quote_id=quote_id))
    return quote.quote_of_id


def limit_quotes(*, author: User, tweet_id: int, quotes_from: str) -> int:
    """Set who may quote a tweet of the author from now on, and return its id.

    Quotes that exist stay. Idempotent. Raises NotFound and NotYours.
    """
    with transaction.atomic():
        lock_account(author.pk)
        tweet = access_own(author=author, tweet_id=tweet_id)
        if tweet.deleted_at is not None or tweet.hidden_at is not None or tweet.repost_of_id:
            raise NotFound
        Tweet.objects.filter(pk=tweet.pk).update(quotes_from=QuotesFrom(quotes_from))
    return tweet.pk


def _quote(author: User, quote_id: int) -> Tweet:
    found = Tweet.objects.filter(pk=quote_id, quote_of__author=author, deleted_at=None).first()
    if found is None:
        raise NotFound
    return found
