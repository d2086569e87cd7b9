"""Suggestions of accounts to follow: public accounts with many followers."""

from typing import NamedTuple

from django.core.cache import cache

from accounts.models import User, UserQuerySet
from people import sql

POOL = 50
POOL_SECONDS = 60
KEY = "people.suggestions"


class Person(NamedTuple):
    """The part of an account that a short list displays."""

    pk: int
    handle: str
    name: str

    @property
    def display_name(self) -> str:
        """The name, or the handle if there is no name."""
        return self.name or self.handle


def who_to_follow(*, viewer: User, limit: int = 3) -> list[Person]:
    """Return the most followed public accounts that the viewer could follow. Makes one query.

    Accounts that the viewer follows, blocks or mutes, and accounts that block the viewer, are left
    out. The candidates are cached for a minute; whether they still qualify is checked every time.
    """
    return [Person(*row) for row in sql.SUGGESTED.rows(viewer=viewer.pk, pool=_pool(), limit=limit)]


def _pool() -> list[int]:
    return cache.get_or_set(KEY, _most_followed, POOL_SECONDS) or []


def _most_followed() -> list[int]:
    accounts = UserQuerySet(User).active().filter(private=False)
    return list(accounts.order_by("-followers_count", "pk").values_list("pk", flat=True)[:POOL])
