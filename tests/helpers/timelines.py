"""Helpers for tests of timelines."""

from collections.abc import Callable

from celery import current_app
from django.db import connection

from accounts.models import User
from chirp.pagination import PageRequest
from outbox.models import Event
from timelines import celebrities, oracle, selectors, store
from tweets.posting import post_tweet

Drain = Callable[..., int]
Person = Callable[[str], User]


def post(author: User) -> int:
    """Post a tweet by `author`, and return its id."""
    return int(post_tweet(author=author, text="hello").pk)


def read(viewer: User) -> list[int]:
    """The ids of the first page of the home timeline of `viewer`."""
    return [entry.id for entry in selectors.home(viewer=viewer, page=PageRequest()).results]


def held(viewer: User) -> list[int]:
    """The ids of the home timeline of `viewer` in Redis."""
    return store.peek(store.home(viewer.pk))[1]


def is_warm(viewer: User) -> bool:
    """Whether the home timeline of `viewer` is in Redis."""
    return store.peek(store.home(viewer.pk))[0] is not None


def deliver(task: str) -> None:
    """Run one task for all its unfinished events, before other tasks run."""
    for event in Event.objects.filter(consumers__contains=[task]).order_by("id"):
        current_app.tasks[task](event_ids=[event.pk])


def make_all_due() -> None:
    """Make all events due, so that a relay sends them again at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_event SET due_at = now() - interval '1 second'")


def make_celebrity(author: User, drain: Drain) -> None:
    """Make `author` a pulled celebrity, regardless of their followers."""
    celebrities.set_override(author=author, decision="pull")
    drain()


def right(*viewers: User) -> None:
    """Assert that every page of these home timelines equals the oracle's."""
    for viewer in viewers:
        for limit in (1, 3, 50):
            assert oracle.verify(viewer, limit=limit) is None
