"""Add tweets of the past to the timelines of followers, when all of an archive are written.

A set is complete above its floor, so it must get the tweets of the past that are above it. The
newest tweets of the author are added, as after a new follow; older ones are below every floor that
is left. Sets that are built meanwhile read them from Postgres.
"""

from django.conf import settings
from django.db import transaction

from outbox.services import publish
from people.models import Follow
from timelines import candidates, store
from timelines.services import is_pulled
from tweets.events import HistoryEnded

AT_ONCE = 500  # followers: most of their timelines are cold, and cost next to nothing


def adopt(*, author_id: int, after: int) -> None:
    """Add the newest tweets of an author to their own set, and to those of AT_ONCE followers."""
    followers = [] if is_pulled(author_id) else _followers(author_id, after)
    sources = [store.author(author_id)] if after == 0 else []
    warm = store.warm([*sources, *map(store.home, followers)])
    if warm:
        spans = candidates.newest_of([author_id], limit=settings.HOME_MAX_LENGTH)
        store.add(spans[author_id], warm)
    if len(followers) == AT_ONCE:
        with transaction.atomic():
            publish(HistoryEnded(author_id=author_id, after=followers[-1]))


def _followers(author_id: int, after: int) -> list[int]:
    rows = Follow.objects.filter(followee_id=author_id, follower_id__gt=after)
    return list(rows.order_by("follower_id").values_list("follower_id", flat=True)[:AT_ONCE])
