"""What the tests of tweets need again and again."""

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
    """Post as `author` would."""
    return posting.post_tweet(author=author, text=text, **more)


def row(tweet: Tweet) -> Tweet:
    """The tweet as it is now."""
    return Tweet.objects.get(pk=tweet.pk)


def tweets_of(user: User) -> int:
    """The count of tweets that somebody's row holds now."""
    return int(User.objects.get(pk=user.pk).tweets_count)


def topics() -> list[tuple[str, int]]:
    """What was published, oldest first: (topic, tweet's id), once however many tasks it has."""
    events = Event.objects.filter(topic__startswith="tweet.").order_by("pk")
    return list(dict.fromkeys((event.topic, event.payload["tweet_id"]) for event in events))


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Run every call in a thread of its own, all starting together; what they return, or raise."""
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


def walk(load: Callable[..., Page[Any]], *, limit: int = 3, **to: Any) -> list[int]:
    """The ids in a list, page after page; every page but the last is full, and none is empty."""
    page = load(page=PageRequest(limit=limit), **to)
    assert page.previous is None
    everything = list(page.results)
    while page.next:
        assert len(page.results) == limit
        page = load(page=PageRequest(limit=limit, cursor=page.next), **to)
        assert page.results
        assert page.previous is not None
        everything += page.results
    return ids(everything)


def walk_up(load: Callable[..., Page[Any]], *, limit: int = 3, **to: Any) -> list[int]:
    """The same, read from the last page upwards."""
    page = load(page=PageRequest(limit=limit), **to)
    while page.next:
        page = load(page=PageRequest(limit=limit, cursor=page.next), **to)
    everything = list(page.results)
    while page.previous:
        page = load(page=PageRequest(limit=limit, cursor=page.previous), **to)
        assert page.next is not None
        everything[:0] = page.results
    return ids(everything)


def ids(found: Iterable[Facts | Tweet | User]) -> list[int]:
    """Their ids, in the same order."""
    return [each.id for each in found]


def backwards(*tweets: Tweet) -> list[int]:
    """Their ids, newest first."""
    return sorted((tweet.pk for tweet in tweets), reverse=True)


def wait_for_a_waiter() -> None:
    """Until some other transaction waits for a lock."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchall()[0][0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for a lock.")
