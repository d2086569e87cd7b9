"""Fan out tweets to the home timelines of their audience, and retract deleted tweets.

The audience of a direct tweet is the accounts that it mentions; otherwise it is the followers of
the author. This code runs in workers, may run twice, late or in any order, and queries Postgres
before it acts. The queries are prepared: with the ORM they took longer than the pushes to a small
audience.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from django.db import transaction

from chirp.redis.client import collect_failures
from outbox.services import publish
from outbox.worker import keep
from timelines import metrics, store
from timelines.events import FanOutContinued
from timelines.sql import fanout as sql
from tweets.models import Tweet

# The most followers that one task serves. This is a twentieth of a second of work, so that tasks
# interleave fairly, a killed task loses little, and none outlives the broker's visibility timeout.
# Smaller ranges would cost more, since each is a message and a task.
RANGE_SIZE = 5_000
FIRST, LAST = 0, 2**63 - 1
Deliveries = Iterable[tuple[store.Source, int]]


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted tweet, with everything that decides which timelines it is pushed to."""

    id: int
    author_id: int
    direct: bool
    followers: int
    pulled: bool


def fan_out(*, tweet_ids: Sequence[int]) -> None:
    """Push tweets to their authors' followers.

    For authors with more than RANGE_SIZE followers, schedule tasks for ranges of followers.
    """
    tweets = not_deleted(tweet_ids)
    authors = _by_timeline((store.author(tweet.author_id), tweet.id) for tweet in tweets)
    for_all = [tweet for tweet in tweets if not (tweet.direct or tweet.pulled)]
    large = [tweet for tweet in for_all if tweet.followers > RANGE_SIZE]
    small = [tweet for tweet in for_all if tweet.followers <= RANGE_SIZE]
    with collect_failures() as part:
        # The author's own set, if it is warm, must never miss a tweet: readers may have to pull it
        # at any time.
        with part():
            store.push(authors)
        homes = _by_timeline(chain(_mentioned([t for t in tweets if t.direct]), _followed(small)))
        with part():
            metrics.count_push(sum(map(len, homes.values())), store.push(homes))
    for tweet in small:
        metrics.count_fan_out(tweet.id)
    for tweet in large:
        # One range of one tweet is short enough for this worker to do itself.
        _hand_on(tweet, keep_last=len(large) == 1)


def not_deleted(tweet_ids: Sequence[int]) -> list[Posted]:
    """Return those of the tweets that are not deleted, oldest first."""
    return [Posted(*row) for row in sql.NOT_DELETED.rows(ids=tweet_ids)]


def _by_timeline(deliveries: Deliveries) -> dict[store.Source, list[int]]:
    """Group ids of tweets by timeline."""
    ids: dict[store.Source, list[int]] = {}
    for source, tweet_id in deliveries:
        ids.setdefault(source, []).append(tweet_id)
    return ids


def _mentioned(direct: Sequence[Posted]) -> Deliveries:
    """Return the deliveries of direct tweets, to the timelines of the accounts they mention."""
    if not direct:
        return []
    rows = sql.MENTIONED.rows(ids=[tweet.id for tweet in direct])
    return [(store.home(user_id), tweet_id) for user_id, tweet_id in rows]


def _followed(tweets: Sequence[Posted]) -> Iterator[tuple[store.Source, int]]:
    """Yield the deliveries of tweets to the followers of their authors, with one query for all."""
    by_author: dict[int, list[int]] = {}
    for tweet in tweets:
        by_author.setdefault(tweet.author_id, []).append(tweet.id)
    for follower_id, author_id in sql.FOLLOWERS.rows(authors=list(by_author)) if by_author else ():
        home = store.home(follower_id)
        yield from ((home, tweet_id) for tweet_id in by_author[author_id])


def _hand_on(tweet: Posted, *, keep_last: bool) -> None:
    """Schedule the fan-out of a tweet in ranges of at most RANGE_SIZE followers.

    Each range is an event. With `keep_last`, this worker continues with the last range itself.
    """
    ends = _range_ends(tweet)
    # The last range has no upper bound. An account that follows while this runs has a higher id, or
    # gets the tweet by the merge of its follow.
    *ranges, last = (
        FanOutContinued(
            tweet_id=tweet.id, author_id=tweet.author_id, after=after or FIRST, up_to=up_to
        )
        for after, up_to in pairwise([FIRST, *ends, None])
    )
    with transaction.atomic():
        for event in ranges:
            publish(event)
        (keep if keep_last else publish)(last)


def _range_ends(tweet: Posted) -> list[int]:
    """Return the last follower ids of all ranges but the last one.

    There are as few ranges as possible, of sizes as equal as possible.
    """
    ranges = -(-tweet.followers // RANGE_SIZE)  # rounded up, like the next one
    size = -(-tweet.followers // ranges)
    rows = sql.RANGE_ENDS.rows(author=tweet.author_id, size=size, most=ranges - 1)
    return [follower_id for (follower_id,) in rows]


def fan_out_ranges(*, ranges: Sequence[FanOutContinued]) -> None:
    """Push tweets of one author to one range of followers. All events must have the same range."""
    first = ranges[0]
    tweets = [tweet for tweet in not_deleted([one.tweet_id for one in ranges]) if not tweet.pulled]
    if not tweets:
        return
    tweet_ids = [tweet.id for tweet in tweets]
    for homes in followers(first.author_id, first.after, first.up_to):
        added = store.push_to_all(tweet_ids, homes)
        metrics.count_push(len(homes) * len(tweet_ids), added)
    for tweet_id in tweet_ids:
        metrics.count_fan_out(tweet_id)


def retract(*, tweet_id: int) -> None:
    """Remove a deleted tweet from the timelines of its author's followers.

    This only frees room: reads leave out deleted tweets already.
    """
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
    """Yield the home timelines of an author's followers, by follower id, in lists of RANGE_SIZE."""
    last = LAST if up_to is None else up_to
    while rows := sql.IN_RANGE.rows(author=author_id, after=after, up_to=last, limit=RANGE_SIZE):
        yield store.homes(chain.from_iterable(rows))
        after = rows[-1][0]
        if len(rows) < RANGE_SIZE or after == last:
            return
