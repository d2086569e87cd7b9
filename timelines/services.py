"""Merge, unmerge and populate: what a change of follows does to the timelines in Redis.

Everything here runs in workers, may run twice, late or in any order, and asks Postgres before it
acts. Why that is enough is told in docs/timelines.md. Tweets are fanned out in timelines/fanout.py;
celebrities are in timelines/celebrities.py.
"""

from django.conf import settings
from django.db import transaction

from accounts.locks import lock_account
from people.models import Follow
from timelines import candidates, metrics, store
from timelines.models import PulledAuthor


def merge(*, follower_id: int, followee_id: int) -> None:
    """Bring a new followee's tweets into a timeline that is warm or being built."""
    home = store.home(follower_id)
    if not _follows(follower_id, followee_id) or is_pulled(followee_id) or not store.warm([home]):
        return
    spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
    store.add(spans[followee_id], [home])
    metrics.merges.inc()


def unmerge(*, follower_id: int, followee_id: int) -> None:
    """Take a former followee's tweets out of a timeline.

    Reads leave them out already; this frees their room. The lock on the follower keeps a new
    follow of the same author, with its merge, from slipping in between the look and the removal.
    """
    home = store.home(follower_id)
    with transaction.atomic():
        lock_account(follower_id)
        if _follows(follower_id, followee_id) or not store.warm([home]):
            return
        spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
        store.remove(spans[followee_id].ids, [home])
        metrics.unmerges.inc()


def populate(*, viewer_id: int) -> bool:
    """Build a timeline if it is cold and nobody else builds it. Whether it was built here."""
    home = store.home(viewer_id)
    tokens = store.announce([home])
    if not tokens:
        return False
    authors = candidates.followees(viewer_id, pushed_only=True)
    span = candidates.below(authors, limit=settings.HOME_MAX_LENGTH)
    return metrics.populated("home", store.finish({home: span}, tokens))


def populate_authors(author_ids: list[int]) -> bool:
    """Build the sets of those authors that are cold. False where somebody else still builds one."""
    tokens = store.announce([store.author(author_id) for author_id in author_ids])
    spans = candidates.newest_of([s.owner for s in tokens], limit=settings.HOME_MAX_LENGTH)
    finished = store.finish({source: spans[source.owner] for source in tokens}, tokens)
    if not metrics.populated("author", finished, len(tokens)):
        return False
    return len(tokens) == len(author_ids)


def rebuild(*, viewer_id: int) -> bool:
    """Throw a viewer's timeline away and build it again."""
    store.drop([store.home(viewer_id)])
    return populate(viewer_id=viewer_id)


def forget_all() -> None:
    """Make every home timeline cold: what comes next is rebuilt from Postgres."""
    store.drop_all_homes()


def is_pulled(author_id: int) -> bool:
    """Whether this author's new tweets are left for readers to pull."""
    state = PulledAuthor.State.PULLED
    return PulledAuthor.objects.filter(author_id=author_id, state=state).exists()


def _follows(follower_id: int, followee_id: int) -> bool:
    return Follow.objects.filter(
        follower_id=follower_id, followee_id=followee_id, since_id__isnull=False
    ).exists()
