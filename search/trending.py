"""Tweets that trend: public ones with which more people than usual do something."""

from collections import Counter
from typing import NamedTuple

from django.db import connection, transaction

from accounts.models import User
from chirp import ids
from chirp.pagination import Page, PageRequest
from filters.models import Context
from search import sql
from search.hashtags import DAY, rising
from search.models import TrendingTweet
from search.ranked import ranked_page
from tweets.read.facts import Facts
from tweets.read.filtered import Sieve
from tweets.read.lists import is_readable, loader
from tweets.visibility import Visibility

LATELY = DAY // 4  # is compared with as long a part of the day before it
DAYS_MOST = 3  # older tweets are no trend
SCAN = 500_000  # likes that are counted: the latest
MOST = 100
OF_ONE_AUTHOR = 2


class Use(NamedTuple):
    """How many people did something with a tweet lately, and in an average part before."""

    tweet_id: int
    author_id: int
    lately: float
    before: float


def trending_tweets(*, viewer: User | None, page: PageRequest) -> Page[Facts]:
    """Return the tweets that trend and that the viewer may and wants to see, the first one first.

    Takes a fixed number of queries: there are at most MOST of them.
    """
    rows = TrendingTweet.objects.filter(score__gt=0, blocked=False).order_by("-score", "-tweet_id")
    found = list(rows.values_list("tweet_id", flat=True)[:MOST])
    load = loader(viewer, _is_shown, Sieve.of(viewer, Context.PUBLIC))
    shown = load(found) if found else {}
    return ranked_page([shown[id_] for id_ in found if id_ in shown], page)


def _is_shown(tweet: Facts) -> bool:
    return (
        is_readable(tweet)
        and tweet.visibility == Visibility.PUBLIC
        and not (tweet.private or tweet.limited)
    )


def block_trend(*, tweet_id: int, blocked: bool) -> None:
    """Keep a tweet out of the trends, or let it in again."""
    TrendingTweet.objects.filter(pk=tweet_id).update(blocked=blocked)


def refresh() -> None:
    """Count anew which tweets trend."""
    (now,) = ids.draw()
    options = {"now": now, "day": DAY, "lately": LATELY, "scan": SCAN, "days": DAYS_MOST}
    with connection.cursor() as cursor:
        cursor.execute(sql.TWEET_USE, options)
        used = [Use(*row) for row in cursor.fetchall()]
    _write(_best(used))


def _best(used: list[Use]) -> dict[int, float]:
    """Return the scores of the tweets that trend, by id: of each author only the first few."""
    scores = sorted(
        ((rising(use.lately, use.before), use) for use in used),
        key=lambda pair: (pair[0], pair[1].tweet_id),
        reverse=True,
    )
    best: dict[int, float] = {}
    authors: Counter[int] = Counter()
    for score, use in scores:
        if score <= 0 or len(best) == MOST:
            break
        authors[use.author_id] += 1
        if authors[use.author_id] <= OF_ONE_AUTHOR:
            best[use.tweet_id] = score
    return best


@transaction.atomic
def _write(best: dict[int, float]) -> None:
    """Write the scores. A tweet that trends no more is forgotten, unless it is blocked."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_TRENDING)
    others = TrendingTweet.objects.exclude(pk__in=best)
    others.filter(blocked=False).delete()
    others.update(score=0)
    TrendingTweet.objects.bulk_create(
        [TrendingTweet(tweet_id=id_, score=score) for id_, score in best.items()],
        update_conflicts=True,
        unique_fields=["tweet"],
        update_fields=["score"],
    )
