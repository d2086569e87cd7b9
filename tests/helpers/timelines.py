"""What tests of timelines do again and again."""

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
    """A tweet by `author`; its id."""
    return int(post_tweet(author=author, text="hello").pk)


def read(viewer: User) -> list[int]:
    """The ids of the first page, as `viewer` reads it."""
    return [entry.id for entry in selectors.home(viewer=viewer, page=PageRequest()).results]


def held(viewer: User) -> list[int]:
    """The ids that Redis holds for `viewer`."""
    return store.peek(store.home(viewer.pk))[1]


def is_warm(viewer: User) -> bool:
    """Whether Redis holds a timeline of `viewer`."""
    return store.peek(store.home(viewer.pk))[0] is not None


def deliver(task: str) -> None:
    """Deliver what is owed to one task, before everything else."""
    for event in Event.objects.filter(consumers=[task]).order_by("id"):
        for consumer in event.consumers:
            current_app.tasks[consumer](event_ids=[event.pk])


def make_all_due() -> None:
    """End all leases and waits: what is owed is sent again at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_event SET due_at = now() - interval '1 second'")


def make_celebrity(author: User, drain: Drain) -> None:
    """Have `author` pulled, however few follow them."""
    celebrities.set_override(author=author, decision="pull")
    drain()


def right(*viewers: User) -> None:
    """Every page of these timelines is as the oracle says."""
    for viewer in viewers:
        for limit in (1, 3, 50):
            assert oracle.verify(viewer, limit=limit) is None
