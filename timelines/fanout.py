"""Fan out and retract: a tweet to those who follow its author, or whom it is for, and back.

Runs in workers, may run twice, late or in any order, and asks Postgres before it acts. Its queries
are prepared: with the ORM they took longer than the pushes to a small audience.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from django.db import transaction

from chirp.redis.client import collect_failures
from outbox.services import publish
from outbox.worker import keep
from timelines import metrics, sql, store
from timelines.events import FanOutContinued
from tweets.models import Tweet

# Followers that one task serves at most: a twentieth of a second of work, so that tasks interleave
# fairly, a killed one loses little, and none outlives the broker's visibility timeout. Smaller
# ranges would cost more, since each is a message and a task.
RANGE_SIZE = 5_000
FIRST, LAST = 0, 2**63 - 1
Deliveries = Iterable[tuple[store.Source, int]]


@dataclass(frozen=True, slots=True)
class Posted:
    """What decides whom a tweet is delivered to."""

    id: int
    author_id: int
    direct: bool
    followers: int
    pulled: bool


def fan_out(*, tweet_ids: Sequence[int]) -> None:
    """Push tweets to their authors' followers, or hand that on in ranges where they are many."""
    tweets = not_deleted(tweet_ids)
    authors = _addressed((store.author(tweet.author_id), tweet.id) for tweet in tweets)
    for_all = [tweet for tweet in tweets if not (tweet.direct or tweet.pulled)]
    large = [tweet for tweet in for_all if tweet.followers > RANGE_SIZE]
    small = [tweet for tweet in for_all if tweet.followers <= RANGE_SIZE]
    with collect_failures() as part:
        # The author's own set, if it is warm, must never miss a tweet: it may be pulled any time.
        with part():
            store.push(authors)
        homes = _addressed(chain(_mentioned([t for t in tweets if t.direct]), _followed(small)))
        with part():
            metrics.pushed(sum(map(len, homes.values())), store.push(homes))
    for tweet in small:
        metrics.fanned_out(tweet.id)
    for tweet in large:
        # One range of one tweet is short enough to be done by who is at it anyway.
        _hand_on(tweet, one_kept=len(large) == 1)


def not_deleted(tweet_ids: Sequence[int]) -> list[Posted]:
    """Those of these tweets that are not deleted, oldest first."""
    return [Posted(*row) for row in sql.NOT_DELETED.rows(ids=tweet_ids)]


def _addressed(deliveries: Deliveries) -> dict[store.Source, list[int]]:
    """The ids for each timeline."""
    ids: dict[store.Source, list[int]] = {}
    for source, tweet_id in deliveries:
        ids.setdefault(source, []).append(tweet_id)
    return ids


def _mentioned(direct: Sequence[Posted]) -> Deliveries:
    """What direct tweets are delivered to: the timelines of those they mention."""
    if not direct:
        return []
    rows = sql.MENTIONED.rows(ids=[tweet.id for tweet in direct])
    return [(store.home(user_id), tweet_id) for user_id, tweet_id in rows]


def _followed(tweets: Sequence[Posted]) -> Iterator[tuple[store.Source, int]]:
    """What tweets of authors with few followers are delivered to, by one query for all."""
    by_author: dict[int, list[int]] = {}
    for tweet in tweets:
        by_author.setdefault(tweet.author_id, []).append(tweet.id)
    for follower_id, author_id in sql.FOLLOWERS.rows(authors=list(by_author)) if by_author else ():
        home = store.home(follower_id)
        yield from ((home, tweet_id) for tweet_id in by_author[author_id])


def _hand_on(tweet: Posted, *, one_kept: bool) -> None:
    """Write an event for each range of at most RANGE_SIZE followers; the last may be kept here."""
    cuts = [
        follower_id for (follower_id,) in sql.CUTS.rows(author=tweet.author_id, most=RANGE_SIZE)
    ]
    # Who follows while this runs has a higher key or a merge of their own: no upper end.
    *ranges, last = (
        FanOutContinued(
            tweet_id=tweet.id, author_id=tweet.author_id, after=after or FIRST, up_to=up_to
        )
        for after, up_to in pairwise([FIRST, *cuts, None])
    )
    with transaction.atomic():
        for one in ranges:
            publish(one)
        (keep if one_kept else publish)(last)


def fan_out_ranges(*, ranges: Sequence[FanOutContinued]) -> None:
    """Push tweets of one author to the same range of followers."""
    first = ranges[0]
    tweets = [tweet for tweet in not_deleted([one.tweet_id for one in ranges]) if not tweet.pulled]
    if not tweets:
        return
    tweet_ids = [tweet.id for tweet in tweets]
    for some in followers(first.author_id, first.after, first.up_to):
        added = store.push(dict.fromkeys(some, tweet_ids))
        metrics.pushed(len(some) * len(tweet_ids), added)
    for tweet_id in tweet_ids:
        metrics.fanned_out(tweet_id)


def retract(*, tweet_id: int) -> None:
    """Take a deleted tweet out of its author's followers' timelines. Readers do not wait for it."""
    tweet = Tweet.objects.filter(pk=tweet_id, deleted_at__isnull=False).first()
    if tweet is None:
        return
    metrics.retracts.inc()
    store.remove([tweet.pk], [store.author(tweet.author_id)])
    for some in followers(tweet.author_id):
        store.remove([tweet.pk], some)


def followers(
    author_id: int, after: int = FIRST, up_to: int | None = None
) -> Iterator[list[store.Source]]:
    """The home timelines of an author's followers, in key order, RANGE_SIZE at a time."""
    last = LAST if up_to is None else up_to
    while rows := sql.IN_RANGE.rows(author=author_id, after=after, up_to=last, limit=RANGE_SIZE):
        yield [store.home(follower_id) for (follower_id,) in rows]
        after = rows[-1][0]
        if len(rows) < RANGE_SIZE or after == last:
            return
