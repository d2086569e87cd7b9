"""Whom one could follow: people whom many follow."""

from django.core.cache import cache

from accounts.models import User, UserQuerySet
from chirp.db.prepared import Prepared
from web.presenters.people import Person

POOL = 50
POOL_SECONDS = 60
KEY = "people.suggestions"
# Each table is asked once for the whole pool, by an index.
NEW = Prepared(
    """
SELECT id, handle, name FROM accounts_user
WHERE id = ANY (%(pool)s::bigint[]) AND id <> %(viewer)s::bigint AND NOT private
    AND deactivated_at IS NULL AND suspended_at IS NULL
    AND id <> ALL (ARRAY(SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND followee_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT blocked_id FROM people_block
        WHERE blocker_id = %(viewer)s::bigint AND blocked_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT blocker_id FROM people_block
        WHERE blocked_id = %(viewer)s::bigint AND blocker_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT muted_id FROM people_mute
        WHERE muter_id = %(viewer)s::bigint AND muted_id = ANY (%(pool)s::bigint[])))
ORDER BY followers_count DESC, id LIMIT %(limit)s::bigint
"""
)


def who_to_follow(*, viewer: User, limit: int = 3) -> list[Person]:
    """The most followed public people with whom the viewer has nothing to do yet. One query.

    Who they are is looked up once a minute; whether they are still there, every time.
    """
    return [Person(*row) for row in NEW.rows(viewer=viewer.pk, pool=_pool(), limit=limit)]


def _pool() -> list[int]:
    return cache.get_or_set(KEY, _most_followed, POOL_SECONDS) or []


def _most_followed() -> list[int]:
    people = UserQuerySet(User).active().filter(private=False)
    return list(people.order_by("-followers_count", "pk").values_list("pk", flat=True)[:POOL])
