"""What an actor can do: the sides of the races. A move that raises fails its round."""

import time
from multiprocessing.synchronize import Barrier
from typing import Any

from celery import current_app
from django.db import connection

from accounts.models import User
from chirp.pagination import PageRequest
from outbox import services as outbox
from outbox.services import Delivery
from people import services as people
from timelines import celebrities, selectors, store
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

ALL_HERE: Barrier | None = None  # of all sixteen, for relays
TOGETHER_SECONDS = 10.0
WORK_SECONDS = 0.1
IDLE_SECONDS = 0.012


class Wrong(Exception):
    """A reader saw what no reader may see, or missed what it may not miss."""


def write(*, author_id: int, count: int) -> list[int]:
    """Post `count` tweets; their ids."""
    author = _person(author_id)
    return [int(post_tweet(author=author, text="hello").pk) for _ in range(count)]


def work() -> int:
    """Be a worker and its relay, until nothing has come for a while; how much was delivered."""
    until, done = time.monotonic() + WORK_SECONDS, 0
    idle_until = time.monotonic() + 2 * IDLE_SECONDS
    while time.monotonic() < min(until, idle_until):
        if deliver():
            done += 1
            idle_until = time.monotonic() + IDLE_SECONDS
        else:
            time.sleep(0.001)
    return done


def deliver(limit: int = 1) -> int:
    """Relay at most `limit` due events, run their tasks, and return how many there were."""
    events: list[Delivery] = []
    outbox.relay(to=events.extend, limit=limit)
    for event in events:
        current_app.tasks[event.task](event_ids=[event.pk])
    return len(events)


def read(*, viewer_id: int, times: int = 1, must: list[int] = []) -> None:  # noqa: B006
    """Read home again and again. Wrong, if one of the ids in `must` is missing once."""
    for _ in range(times):
        if missing := set(must) - set(_seen(viewer_id)):
            raise Wrong(f"{sorted(missing)} were missing.")


def evict_and_read(*, viewer_id: int, times: int) -> None:
    """Take a timeline out of Redis, as an eviction would, and build it by reading."""
    for _ in range(times):
        store.drop([store.home(viewer_id)])
        _seen(viewer_id)


def change_mind(*, viewer_id: int, author_id: int, times: int, comes_back: bool) -> None:
    """Unfollow and follow again. Wrong, if home shows somebody who is not followed any more."""
    viewer, author = _person(viewer_id), _person(author_id)
    for time_ in range(times):
        people.unfollow(follower=viewer, followee=author)
        if shown := [entry.id for entry in _home(viewer) if entry.author_id == author_id]:
            raise Wrong(f"{shown} were shown after the unfollow.")
        if comes_back or time_ < times - 1:
            people.follow(follower=viewer, followee=author)


def delete(*, author_id: int, ids: list[int], viewer_id: int) -> None:
    """Delete tweets, one by one. Wrong, if a reader sees one of them afterwards."""
    author = _person(author_id)
    for id_ in ids:
        delete_tweet(author=author, tweet_id=id_)
        if id_ in _seen(viewer_id):
            raise Wrong(f"{id_} was shown after it had been deleted.")


def demote(*, author_id: int, back: bool) -> None:
    """Have an author pushed again; with `back` pulled once more, and then pushed for good."""
    author = _person(author_id)
    for decision in ("push", "pull", "push") if back else ("push",):
        celebrities.set_override(author=author, decision=decision)


def relay(*, limit: int, together: bool, dies_after: int | None) -> list[int]:
    """Be a relay until nothing is due; the ids that were handed over, in order.

    With `together` all sixteen hold their first batch at the same time: one that waited for
    another's locks could not. One that dies loses its connection in the middle of a batch.
    """
    handed: list[int] = []

    def hand_over(events: list[Delivery]) -> None:
        if together and not handed:
            assert ALL_HERE is not None
            ALL_HERE.wait(TOGETHER_SECONDS)
        handed.extend(event.pk for event in events)
        if dies_after and len(handed) >= dies_after:
            connection.connection.close()
            raise _Died

    try:
        while outbox.relay(to=hand_over, limit=limit):
            pass
    except _Died:
        connection.close()
    return handed


class _Died(BaseException):
    """What a relay does when it is killed: nothing more. No `except Exception` may see it."""


def _person(id_: int) -> User:
    found: User = User.objects.get(pk=id_)
    return found


def _home(viewer: User) -> list[Any]:
    return list(selectors.home(viewer=viewer, page=PageRequest()).results)


def _seen(viewer_id: int) -> list[int]:
    return [entry.id for entry in _home(_person(viewer_id))]
