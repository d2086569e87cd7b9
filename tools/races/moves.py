"""The actions of the actors: the sides of the races. An exception fails the round."""

import time
from multiprocessing.synchronize import Barrier
from typing import Any

from celery import current_app
from django.db import connection

from accounts.models import User
from chirp.pagination import PageRequest
from outbox import relaying
from outbox.relaying import Delivery
from people import services as people
from timelines import celebrities, selectors, store
from tweets.deleting import delete_tweet
from tweets.posting import post_tweet

ALL_STARTED: Barrier | None = None  # for all sixteen relays
TOGETHER_SECONDS = 10.0
WORK_SECONDS = 0.1
IDLE_SECONDS = 0.012


class Wrong(Exception):
    """A read returned a tweet that it must not return, or missed one that it must return."""


def write(*, author_id: int, count: int) -> list[int]:
    """Post `count` tweets, and return their ids."""
    author = _user(author_id)
    return [int(post_tweet(author=author, text="hello").pk) for _ in range(count)]


def work() -> int:
    """Act as a worker and its relay until the outbox is idle. Returns the number of deliveries."""
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
    relaying.relay(to=events.extend, limit=limit)
    for event in events:
        current_app.tasks[event.task](event_ids=[event.pk])
    return len(events)


def read(*, viewer_id: int, times: int = 1, required: list[int] = []) -> None:  # noqa: B006
    """Read home `times` times. Raises Wrong if an id of `required` is missing from one of them."""
    for _ in range(times):
        if missing := set(required) - set(_seen(viewer_id)):
            raise Wrong(f"{sorted(missing)} were missing.")


def evict_and_read(*, viewer_id: int, times: int) -> None:
    """Drop a timeline from Redis, as an eviction would, and rebuild it by a read; `times` times."""
    for _ in range(times):
        store.drop([store.home(viewer_id)])
        _seen(viewer_id)


def unfollow_and_follow(*, viewer_id: int, author_id: int, times: int, follows_again: bool) -> None:
    """Unfollow and follow again. Raises Wrong if home shows the author after an unfollow."""
    viewer, author = _user(viewer_id), _user(author_id)
    for attempt in range(times):
        people.unfollow(follower=viewer, followee=author)
        if shown := [entry.id for entry in _home(viewer) if entry.author_id == author_id]:
            raise Wrong(f"{shown} were shown after the unfollow.")
        if follows_again or attempt < times - 1:
            people.follow(follower=viewer, followee=author)


def delete(*, author_id: int, ids: list[int], viewer_id: int) -> None:
    """Delete tweets, one by one. Raises Wrong if the viewer sees one of them afterwards."""
    author = _user(author_id)
    for id_ in ids:
        delete_tweet(author=author, tweet_id=id_)
        if id_ in _seen(viewer_id):
            raise Wrong(f"{id_} was shown after it had been deleted.")


def demote(*, author_id: int, repromote: bool) -> None:
    """Demote an author; with `repromote`, promote and demote the author once more."""
    author = _user(author_id)
    for decision in ("push", "pull", "push") if repromote else ("push",):
        celebrities.set_override(author=author, decision=decision)


def relay(*, limit: int, together: bool, killed_after: int | None) -> list[int]:
    """Act as a relay until no event is due, and return the ids of the events sent, in order.

    With `together`, all sixteen relays hold their first batch at the same time, which proves that
    none waits for the locks of another. A relay that is killed after so many events loses its
    connection in the middle of a batch.
    """
    sent: list[int] = []

    def send(events: list[Delivery]) -> None:
        if together and not sent:
            assert ALL_STARTED is not None
            ALL_STARTED.wait(TOGETHER_SECONDS)
        sent.extend(event.pk for event in events)
        if killed_after and len(sent) >= killed_after:
            connection.connection.close()
            raise _Killed

    try:
        while relaying.relay(to=send, limit=limit):
            pass
    except _Killed:
        connection.close()
    return sent


class _Killed(BaseException):
    """Ends a relay as a kill would: no `except Exception` catches it."""


def _user(id_: int) -> User:
    found: User = User.objects.get(pk=id_)
    return found


def _home(viewer: User) -> list[Any]:
    return list(selectors.home(viewer=viewer, page=PageRequest()).results)


def _seen(viewer_id: int) -> list[int]:
    return [entry.id for entry in _home(_user(viewer_id))]
