"""Promote and demote authors who cross the celebrity threshold.

A promotion takes effect at once: timelines keep the ids that were pushed, readers pull new ones,
and the merge drops duplicates. A demotion takes several steps. First the author becomes
`demoting`: new tweets are pushed again, and readers still pull. Then the tweets from the time
without pushes are merged into every follower's timeline. Only then do readers stop pulling.
"""

import logging
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.locks import lock_account
from accounts.models import User
from outbox.services import publish
from people.models import Follow
from timelines import candidates, metrics, policy, store
from timelines.events import DemotionContinued
from timelines.models import CelebrityOverride, PulledAuthor

log = logging.getLogger(__name__)
State = PulledAuthor.State
# The number of followers in one step of a demotion. Most of their timelines are cold, and cost
# next to nothing.
STEP = 500
GENERATIONS = 2**31


def review(*, author_id: int) -> None:
    """Promote or demote an author if the number of followers or an override requires it."""
    with transaction.atomic():
        lock_account(author_id)
        author = User.objects.filter(pk=author_id).first()
        if author is None:
            return
        row = PulledAuthor.objects.filter(author=author).first()
        override = CelebrityOverride.objects.filter(author=author).first()
        wanted = policy.is_pulled(
            followers=author.followers_count,
            threshold=settings.CELEBRITY_FOLLOWERS,
            state=row.state if row else None,
            override=override.decision if override else None,
        )
        _promote(author, row) if wanted else _demote(row)


def _promote(author: User, row: PulledAuthor | None) -> None:
    if row is None:
        PulledAuthor.objects.create(author=author)
        metrics.promotions.inc()
        log.info("Promoted %s with %d followers: pulled now.", author, author.followers_count)
    elif row.state == State.DEMOTING:
        PulledAuthor.objects.filter(pk=row.pk).update(state=State.PULLED)


def _demote(row: PulledAuthor | None) -> None:
    if row is None or row.state == State.DEMOTING:
        return
    # A random number and not a counter: the row is deleted at the end of the demotion, so a counter
    # would start again from the beginning.
    generation = secrets.randbelow(GENERATIONS)
    PulledAuthor.objects.filter(pk=row.pk).update(state=State.DEMOTING, generation=generation)
    metrics.demotions.inc()
    _continue(row.author_id, generation, after=0)


def _continue(author_id: int, generation: int, *, after: int) -> None:
    publish(DemotionContinued(author_id=author_id, generation=generation, after=after))


def demote_range(*, author_id: int, generation: int, after: int) -> None:
    """Run one step of a demotion: merge the author's tweets for followers with ids above `after`.

    Does nothing if this demotion has ended or was cancelled by a promotion.
    """
    demotion = PulledAuthor.objects.filter(
        author_id=author_id, state=State.DEMOTING, generation=generation
    )
    if not demotion.exists():
        return  # the demotion is done, or the author was promoted again
    rows = Follow.objects.filter(followee_id=author_id, follower_id__gt=after)
    followers = list(rows.order_by("follower_id").values_list("follower_id", flat=True)[:STEP])
    _merge_for(author_id, followers)
    with transaction.atomic():
        if len(followers) == STEP:
            _continue(author_id, generation, after=followers[-1])
        else:
            demotion.delete()
            log.info("Demoted author %d: pushed now.", author_id)


def _merge_for(author_id: int, followers: list[int]) -> None:
    warm = store.warm([store.home(follower_id) for follower_id in followers])
    if warm:
        spans = candidates.newest_of([author_id], limit=settings.HOME_MAX_LENGTH)
        store.add(spans[author_id], warm)


def review_all() -> None:
    """Review all authors whose state may be wrong, such as after a changed setting or an import."""
    threshold = settings.CELEBRITY_FOLLOWERS
    least = policy.demotion_followers(threshold)
    pulled = PulledAuthor.objects.filter(state=State.PULLED)
    to_review = User.objects.filter(
        Q(followers_count__gte=threshold) & ~Q(pk__in=pulled.values("author_id"))
        | Q(pk__in=pulled.filter(author__followers_count__lt=least).values("author_id"))
        | Q(pk__in=CelebrityOverride.objects.values("author_id"))
    )
    for author_id in to_review.values_list("pk", flat=True):
        review(author_id=author_id)


def set_override(*, author: User, decision: str | None) -> None:
    """Always "pull" or "push" an author. None removes the override: the followers count decides."""
    with transaction.atomic():
        if decision is None:
            CelebrityOverride.objects.filter(author=author).delete()
        else:
            CelebrityOverride.objects.update_or_create(
                author=author, defaults={"decision": CelebrityOverride.Decision(decision)}
            )
        review(author_id=author.pk)
