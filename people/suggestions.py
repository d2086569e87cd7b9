"""Suggestions of accounts to follow: those with many followers."""

from typing import NamedTuple

from django.core.cache import cache

from accounts.models import User, UserQuerySet
from people import sql

POOL = 50
POOL_SECONDS = 60
KEY = "people.suggestions"


class Person(NamedTuple):
    """As much of an account as a short list shows."""

    pk: int
    handle: str
    name: str

    @property
    def display_name(self) -> str:
        """The name, or the handle for accounts without one."""
        return self.name or self.handle


def who_to_follow(*, viewer: User, limit: int = 3) -> list[Person]:
    """The most followed public accounts without any edge to the viewer. One query.

    The candidates are looked up once a minute; whether they still qualify, every time.
    """
    return [Person(*row) for row in sql.SUGGESTED.rows(viewer=viewer.pk, pool=_pool(), limit=limit)]


def _pool() -> list[int]:
    return cache.get_or_set(KEY, _most_followed, POOL_SECONDS) or []


def _most_followed() -> list[int]:
    people = UserQuerySet(User).active().filter(private=False)
    return list(people.order_by("-followers_count", "pk").values_list("pk", flat=True)[:POOL])
