"""Whom one could follow: people whom many follow."""

from django.core.cache import cache

from accounts.models import User, UserQuerySet
from accounts.presenters import Row, rows

POOL = 50
POOL_SECONDS = 60
KEY = "accounts.suggestions"


def who_to_follow(*, viewer: User, limit: int = 3) -> list[Row]:
    """The most followed public people with whom the viewer has nothing to do yet. Two queries.

    Who they are is looked up once a minute; whether they are still there, every time.
    """
    people = UserQuerySet(User).active().filter(pk__in=_pool(), private=False)
    popular = sorted(people, key=lambda person: -person.followers_count)
    found = [row for row in rows(popular, viewer=viewer) if _is_new(row, viewer)]
    return found[:limit]


def _pool() -> list[int]:
    return cache.get_or_set(KEY, _most_followed, POOL_SECONDS) or []


def _most_followed() -> list[int]:
    people = UserQuerySet(User).active().filter(private=False)
    return list(people.order_by("-followers_count", "pk").values_list("pk", flat=True)[:POOL])


def _is_new(row: Row, viewer: User) -> bool:
    between = row.relationship
    known = between.following or between.requested
    unwelcome = between.blocking or between.blocked_by or between.muting
    return row.person.pk != viewer.pk and not known and not unwelcome
