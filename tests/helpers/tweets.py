"""Helpers for tests of tweets."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from accounts.models import User
from chirp.pagination import Page, PageRequest
from outbox.models import Event
from tweets import posting
from tweets.models import Tweet
from tweets.read.facts import Facts


def post(author: User, text: str = "hello", **more: Any) -> Tweet:
    """Post a tweet by `author`."""
    return posting.post_tweet(author=author, text=text, **more)


def row(tweet: Tweet) -> Tweet:
    """The tweet, read again from the database."""
    return Tweet.objects.get(pk=tweet.pk)


def tweets_of(user: User) -> int:
    """The tweet counter of a user, read from the database."""
    return int(User.objects.get(pk=user.pk).tweets_count)


def topics() -> list[tuple[str, int]]:
    """The published tweet events, oldest first and without repeats, as (topic, tweet id)."""
    events = Event.objects.filter(topic__startswith="tweet.").order_by("pk")
    return list(dict.fromkeys((event.topic, event.payload["tweet_id"]) for event in events))


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Run all calls concurrently, each in a thread. Returns their results; raises their errors."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        running = [threads.submit(run, call) for call in calls]
    return [future.result() for future in running]


def walk(load: Callable[..., Page[Any]], *, limit: int = 3, **options: Any) -> list[int]:
    """The ids of a list, read page by page. Asserts that every page but the last is full."""
    page = load(page=PageRequest(limit=limit), **options)
    assert page.previous is None
    entries = list(page.results)
    while page.next:
        assert len(page.results) == limit
        page = load(page=PageRequest(limit=limit, cursor=page.next), **options)
        assert page.results
        assert page.previous is not None
        entries += page.results
    return ids(entries)


def walk_up(load: Callable[..., Page[Any]], *, limit: int = 3, **options: Any) -> list[int]:
    """The ids of a list, read from the last page back to the first."""
    page = load(page=PageRequest(limit=limit), **options)
    while page.next:
        page = load(page=PageRequest(limit=limit, cursor=page.next), **options)
    entries = list(page.results)
    while page.previous:
        page = load(page=PageRequest(limit=limit, cursor=page.previous), **options)
        assert page.next is not None
        entries[:0] = page.results
    return ids(entries)


def ids(found: Iterable[Facts | Tweet | User]) -> list[int]:
    """The ids of `found`, in the same order."""
    return [each.id for each in found]


def backwards(*tweets: Tweet) -> list[int]:
    """The ids of `tweets`, newest first."""
    return sorted((tweet.pk for tweet in tweets), reverse=True)


def wait_for_a_waiter() -> None:
    """Wait until another transaction waits for a lock. Raises AssertionError after ten seconds."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchall()[0][0]:
                return
        time.sleep(0.01)
    raise AssertionError("No transaction waits for a lock.")
