"""Builds and changes a timeline with the fewest possible commands."""

from collections.abc import Sequence

from chirp.redis.client import client
from people.models import Follow
from tweets.models import Tweet

LENGTH = 800


def add(key: str, ids: Sequence[int], *, existing: Sequence[int]) -> None:
    """Add ids to a set in one command, without a trim. The set is created with `existing`."""
    if not client().exists(key):
        client().zadd(key, {str(id_): id_ for id_ in existing})
    client().zadd(key, {str(id_): id_ for id_ in ids})


def remove(key: str, ids: Sequence[int]) -> None:
    """Remove ids from a set in one command."""
    client().zrem(key, *ids)


def build(viewer_id: int) -> None:
    """Build a set of the newest tweets of all followees, with the ORM."""
    followees = Follow.objects.filter(follower_id=viewer_id).values("followee")
    tweets = Tweet.objects.filter(author__in=followees, deleted_at=None).order_by("-id")
    ids = list(tweets.values_list("id", flat=True)[:LENGTH])
    pipe = client().pipeline(transaction=False)
    pipe.delete(f"naive:{viewer_id}")
    pipe.zadd(f"naive:{viewer_id}", {str(id_): id_ for id_ in ids})
    pipe.execute()
