"""Merge, unmerge and populate: update the timelines in Redis after follows change.

All of this runs in workers, may run twice, late or in any order, and queries Postgres before it
acts. docs/timelines.md explains why this is enough. Fan-out is in timelines/fanout.py, and
celebrities are in timelines/celebrities.py.
"""

from django.conf import settings
from django.db import transaction

from accounts.locks import lock_account
from chirp.db.routing import on_primary
from people.models import Follow
from timelines import candidates, metrics, store
from timelines.models import PulledAuthor


def merge(*, follower_id: int, followee_id: int) -> None:
    """Merge a new followee's tweets into a timeline that is warm or being built."""
    home = store.home(follower_id)
    if not _follows(follower_id, followee_id) or is_pulled(followee_id) or not store.warm([home]):
        return
    spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
    store.add(spans[followee_id], [home])
    metrics.merges.inc()


def unmerge(*, follower_id: int, followee_id: int) -> None:
    """Remove a former followee's tweets from a timeline.

    This only frees room: reads leave them out already. The lock on the follower keeps a new follow
    of the same author, and its merge, from happening between the check and the removal.
    """
    home = store.home(follower_id)
    with transaction.atomic():
        lock_account(follower_id)
        if _follows(follower_id, followee_id) or not store.warm([home]):
            return
        spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
        store.remove(spans[followee_id].ids, [home])
        metrics.unmerges.inc()


@on_primary()  # a replica may lack what was pushed before the build
def populate(*, viewer_id: int) -> bool:
    """Build a home timeline if it is cold and no other process is building it.

    Returns whether this call built it.
    """
    home = store.home(viewer_id)
    tokens = store.announce([home])
    if not tokens:
        return False
    span = candidates.newest(viewer_id, limit=settings.HOME_MAX_LENGTH)
    return metrics.count_populate("home", store.finish({home: span}, tokens))


@on_primary()
def populate_authors(author_ids: list[int]) -> bool:
    """Build those of the authors' sets that are cold and not being built by another process.

    Returns whether this call built the sets of all of the authors.
    """
    tokens = store.announce([store.author(author_id) for author_id in author_ids])
    spans = candidates.newest_of([s.owner for s in tokens], limit=settings.HOME_MAX_LENGTH)
    finished = store.finish({source: spans[source.owner] for source in tokens}, tokens)
    if not metrics.count_populate("author", finished, len(tokens)):
        return False
    return len(tokens) == len(author_ids)


def rebuild(*, viewer_id: int) -> bool:
    """Drop a viewer's timeline and build it again. Returns whether this call built it."""
    store.drop([store.home(viewer_id)])
    return populate(viewer_id=viewer_id)


def make_all_cold() -> None:
    """Make every home timeline cold, so that the next read rebuilds it from Postgres."""
    store.drop_all_homes()


def is_pulled(author_id: int) -> bool:
    """Return whether the author's new tweets are not pushed, so that readers must pull them."""
    state = PulledAuthor.State.PULLED
    return PulledAuthor.objects.filter(author_id=author_id, state=state).exists()


def _follows(follower_id: int, followee_id: int) -> bool:
    return Follow.objects.filter(
        follower_id=follower_id, followee_id=followee_id, since_id__isnull=False
    ).exists()
