"""Forget what an account wrote and did, when it is purged: steps of accounts/purging.py.

The account is hidden by then, so nobody replies to it, likes it or quotes it meanwhile. Each step
does one batch. What others wrote stays: a reply to a tweet that is gone is still a reply, to nobody
(SOMEBODY_GONE), in the same conversation, and a quote has lost what it quoted.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.locks import lock_account
from chirp import hooks
from media import purging as media
from tweets.conversations.models import Conversation
from tweets.counts import counted_by, recount
from tweets.models import SOMEBODY_GONE, Bookmark, Like, Mention, Tweet, TweetVersion
from tweets.polls.models import PollVote
from tweets.polls.voting import uncount
from tweets.sql import counts as sql
from tweets.sql.counts import Counter
from tweets.visibility import Visibility

BATCH = 500  # rows
TWEETS = 50  # of the account; each may have any number of likes and replies


def votes(*, user_id: int) -> bool:
    """Withdraw a batch of votes in polls that are running. The result of others stays."""
    rows = PollVote.objects.filter(user=user_id).select_related("poll").order_by("pk")
    found = list(rows[:BATCH])
    for vote in found:
        with transaction.atomic():
            if PollVote.objects.filter(pk=vote.pk).delete()[0]:
                uncount(poll_id=vote.poll_id, chosen=vote.choices, now=timezone.now())
    return bool(found)


def likes(*, user_id: int) -> bool:
    """Take a batch of likes back, and count those of the tweets again."""
    return _unmark(Like.objects.filter(user=user_id), "tweet", sql.TWEET_LIKES)


def mentions(*, user_id: int) -> bool:
    """Forget a batch of mentions by others: their texts stay, and lead nowhere."""
    rows = Mention.objects.filter(user=user_id).order_by("author_id", "-tweet_id")
    found = list(rows[:BATCH])
    with transaction.atomic():
        Mention.objects.filter(pk__in=[row.pk for row in found]).delete()
        hooks.run("tweets.unlinked", tweet_ids=[row.tweet_id for row in found])
    return bool(found)


def versions(*, user_id: int) -> bool:
    """Forget a batch of mentions in earlier versions of tweets."""
    found = list(TweetVersion.objects.filter(mentioned__contains=[user_id])[:BATCH])
    for version in found:
        version.mentioned = [each for each in version.mentioned if each != user_id]
        version.save(update_fields=["mentioned"])
    return bool(found)


def tweets(*, user_id: int) -> bool:
    """Delete a batch of the tweets of the account, with all that others did to them."""
    rows = Tweet.objects.filter(author=user_id).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:TWEETS])
    if not ids:
        return False
    for forget in (_reposts, _marks, _replies, _quotes, _direct):
        forget(user_id, ids)
    hooks.run("tweets.purging", tweet_ids=ids)
    media.tweets(ids)
    _delete(ids, user_id)
    return True


def _delete(ids: Sequence[int], author_id: int) -> None:
    """Delete tweets of one author, and count those again that they referred to."""
    with transaction.atomic():
        lock_account(author_id)
        rows = list(Tweet.objects.filter(pk__in=ids))
        referred = {id_ for row in rows for id_ in counted_by(row)} - set(ids)
        Tweet.objects.filter(pk__in=ids).delete()
        for counter in (sql.TWEET_REPOSTS, sql.TWEET_REPLIES, sql.TWEET_QUOTES):
            recount(counter, referred)


def _reposts(user_id: int, ids: Sequence[int]) -> None:
    """Delete the reposts of these tweets by others."""
    rows = Tweet.objects.filter(repost_of__in=ids).exclude(author=user_id)
    for batch in _batches(rows, "author_id"):
        hooks.run("tweets.purging", tweet_ids=[pk for pk, _ in batch])
        with transaction.atomic():
            Tweet.objects.filter(pk__in=[pk for pk, _ in batch]).delete()
            recount(sql.USER_TWEETS, {author for _, author in batch})


def _marks(user_id: int, ids: Sequence[int]) -> None:
    """Delete the likes and bookmarks of these tweets, and the votes in their polls."""
    while _unmark(Like.objects.filter(tweet__in=ids), "user", sql.USER_LIKES):
        pass
    for rows in (Bookmark.objects.filter(tweet__in=ids), PollVote.objects.filter(poll__in=ids)):
        for batch in _batches(rows, "pk"):
            rows.model._default_manager.filter(pk__in=[pk for pk, _ in batch]).delete()


def _unmark(rows: QuerySet[Like], counts: str, counter: Counter) -> bool:
    found = list(rows.order_by("pk")[:BATCH])
    with transaction.atomic():
        Like.objects.filter(pk__in=[row.pk for row in found]).delete()
        recount(counter, {getattr(row, f"{counts}_id") for row in found})
    return bool(found)


def _replies(user_id: int, ids: Sequence[int]) -> None:
    """Let replies by others answer nobody any more."""
    rows = Tweet.objects.filter(reply_to__in=ids).exclude(author=user_id)
    values = {"reply_to": None, "reply_to_author": SOMEBODY_GONE}
    for batch in _batches(rows, "pk"):
        _unlink([pk for pk, _ in batch], values, {"reply_to_id": None})


def _quotes(user_id: int, ids: Sequence[int]) -> None:
    """Let quotes by others quote nothing any more, as if they had been detached."""
    rows = Tweet.objects.filter(quote_of__in=ids).exclude(author=user_id)
    for batch in _batches(rows, "pk"):
        values = {"quote_of": None, "quote_detached": True}
        _unlink([pk for pk, _ in batch], values, {"quote_of_id": None})


@transaction.atomic
def _unlink(ids: Sequence[int], values: dict[str, Any], copied: dict[str, Any]) -> None:
    Tweet.objects.filter(pk__in=ids).update(**values)
    Mention.objects.filter(tweet__in=ids).update(**copied)
    hooks.run("tweets.unlinked", tweet_ids=ids)


def _direct(user_id: int, ids: Sequence[int]) -> None:
    """Bring the conversations of others up to date that have one of these direct tweets."""
    direct = Tweet.objects.filter(pk__in=ids, visibility=Visibility.DIRECT)
    conversations = set(direct.values_list("conversation_id", flat=True))
    for id_ in sorted(each for each in conversations if each is not None):
        others = Tweet.objects.filter(conversation_id=id_, visibility=Visibility.DIRECT)
        newest = others.exclude(author=user_id).aggregate(newest=Max("pk"))["newest"]
        rows = Conversation.objects.filter(Q(newest_id__in=ids), conversation_id=id_)
        rows.update(newest_id=newest) if newest else rows.delete()


def _batches(rows: QuerySet[Any], value: str) -> Iterator[list[tuple[int, Any]]]:
    """Yield (pk, value) of the rows, in batches. They must be gone from the query after each."""
    while batch := list(rows.order_by("pk").values_list("pk", value)[:BATCH]):
        yield batch
