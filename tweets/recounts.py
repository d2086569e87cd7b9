"""Redo counts and notes after an account or a tweet became visible or invisible.

Whether a tweet or like is counted depends on the state of its author (tweets/counts.py), and for a
repost on the original. A change of that state would touch any number of rows, so tasks do the work
in the background. They may run twice: each count is set to the number of rows.
"""

from collections.abc import Iterable

from accounts import counts as account_counts
from chirp.db.counters import REPAIR_BATCH
from chirp.itertools import batched
from people.counters import recount_neighbours
from tweets.author_states import note_state
from tweets.counts import recount
from tweets.models import Like, Tweet
from tweets.sql import counts as sql
from tweets.sql.counts import Counter


def recount_around(*, user_id: int) -> None:
    """Redo the counts of every other account and tweet that depend on whether this one is visible.

    Before, its state is noted for lists (tweets/author_states.py).

    Does nothing if no recount is pending. If the account changes meanwhile, the event of that
    change redoes the work.
    """
    version = account_counts.recount_version(user_id)
    if version is None:
        return
    note_state(user_id)
    recount_neighbours(user_id)
    written = Tweet.objects.filter(author=user_id, deleted_at=None)
    _recount_all(sql.TWEET_REPLIES, written.values_list("reply_to", flat=True))
    _recount_all(sql.TWEET_QUOTES, written.values_list("quote_of", flat=True))
    _recount_all(sql.TWEET_REPOSTS, written.values_list("repost_of", flat=True))
    liked = Like.objects.filter(user=user_id)
    _recount_all(sql.TWEET_LIKES, liked.values_list("tweet", flat=True))
    reposts = Tweet.objects.filter(repost_of__author=user_id, deleted_at=None)
    _recount_all(sql.USER_TWEETS, reposts.values_list("author", flat=True))
    account_counts.end_recount(user_id, version)


def recount_reposters(*, tweet_id: int) -> None:
    """Redo the counts of tweets of every account that reposted a tweet."""
    reposts = Tweet.objects.filter(repost_of=tweet_id, deleted_at=None)
    _recount_all(sql.USER_TWEETS, reposts.values_list("author", flat=True))


def _recount_all(counter: Counter, ids: Iterable[int | None]) -> None:
    for batch in batched(sorted({id_ for id_ in ids if id_ is not None}), REPAIR_BATCH):
        recount(counter, batch)
