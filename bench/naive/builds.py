"""Building and changing a timeline with nothing but the commands that it takes."""

from collections.abc import Sequence

from chirp.redis.client import client
from people.models import Follow
from tweets.models import Tweet

LENGTH = 800


def add(key: str, ids: Sequence[int], *, beside: Sequence[int]) -> None:
    """Add ids to a set that has others, in one command. Nothing is trimmed."""
    if not client().exists(key):
        client().zadd(key, {str(id_): id_ for id_ in beside})
    client().zadd(key, {str(id_): id_ for id_ in ids})


def remove(key: str, ids: Sequence[int]) -> None:
    """Take ids out, in one command."""
    client().zrem(key, *ids)


def build(viewer_id: int) -> None:
    """The newest tweets of everybody one follows, by the ORM, into a set."""
    followees = Follow.objects.filter(follower_id=viewer_id).values("followee")
    tweets = Tweet.objects.filter(author__in=followees, deleted_at=None).order_by("-id")
    ids = list(tweets.values_list("id", flat=True)[:LENGTH])
    pipe = client().pipeline(transaction=False)
    pipe.delete(f"naive:{viewer_id}")
    pipe.zadd(f"naive:{viewer_id}", {str(id_): id_ for id_ in ids})
    pipe.execute()
