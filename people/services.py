"""Writes about two people: follow, let in, block and mute.

Whatever changes follows or blocks first locks the rows of both people, in the order of their ids.
So two changes between the same two never cross, counts are right without reading them, and nothing
can deadlock.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import counts
from accounts.locks import lock_accounts
from accounts.models import User
from chirp.errors import ChirpError, NotAllowed, NotFound
from chirp.ids import NextId
from outbox.services import publish
from people.events import (
    FollowAccepted,
    FollowEnded,
    FollowRequested,
    PersonBlocked,
    PersonMuted,
    PersonUnblocked,
    PersonUnmuted,
)
from people.models import Block, Follow, Mute

ACCEPT_BATCH = 200


class FollowSelf(ChirpError):
    """Nobody follows themselves."""

    code = "follow_self"
    message = "You cannot follow yourself."


class Blocked(NotAllowed):
    """One of the two has blocked the other."""

    code = "blocked"
    message = "One of you has blocked the other."


@transaction.atomic
def follow(*, follower: User, followee: User, reposts: bool | None = None) -> Follow:
    """Follow somebody, or ask to when their account is private. Twice is the same as once.

    `reposts` says whether to see what they repost; None leaves it as it is (at first: yes).
    FollowSelf, Blocked, or NotFound for people who are gone.
    """
    if follower.pk == followee.pk:
        raise FollowSelf
    theirs = lock_accounts(follower.pk, followee.pk)[followee.pk]
    if not theirs.is_active:
        raise NotFound
    if _blocks(follower, followee).exists():
        raise Blocked
    edge, created = Follow.objects.get_or_create(follower=follower, followee=followee)
    if reposts is not None and reposts != edge.reposts:
        edge.reposts = reposts
        edge.save(update_fields=["reposts"])
    if edge.since_id is None and not theirs.private:
        _accept(followee.pk, [follower.pk])
        edge.refresh_from_db(fields=["since_id"])
    elif created:
        publish(FollowRequested(follower_id=follower.pk, followee_id=followee.pk))
    return edge


@transaction.atomic
def unfollow(*, follower: User, followee: User) -> None:
    """End a follow, or take back the request. Twice is the same as once."""
    if follower.pk == followee.pk:
        raise FollowSelf
    lock_accounts(follower.pk, followee.pk)
    _end(Follow.objects.filter(follower=follower, followee=followee))


def remove_follower(*, user: User, follower: User) -> None:
    """Make `follower` no longer follow `user`. Twice is the same as once."""
    unfollow(follower=follower, followee=user)


class NoRequest(NotFound):
    """This person has not asked to follow."""

    message = "They have not asked to follow you."


@transaction.atomic
def accept_request(*, followee: User, follower: User) -> None:
    """Let `follower` in. Twice is the same as once; NoRequest when they never asked."""
    lock_accounts(follower.pk, followee.pk)
    if not Follow.objects.filter(follower=follower, followee=followee).exists():
        raise NoRequest
    _accept(followee.pk, [follower.pk])


@transaction.atomic
def reject_request(*, followee: User, follower: User) -> None:
    """Refuse a request; who is let in already stays. Twice is the same as once."""
    lock_accounts(follower.pk, followee.pk)
    _end(Follow.objects.filter(follower=follower, followee=followee, since_id=None))


def accept_all_requests(*, followee: User) -> None:
    """Let in everybody who has asked to follow `followee`, who must be public by now.

    Not to be called inside a transaction: it would keep its locks from one batch to the next.
    """
    asked = Follow.objects.filter(followee=followee, since_id=None).order_by("follower_id")
    while batch := list(asked.values_list("follower_id", flat=True)[:ACCEPT_BATCH]):
        with transaction.atomic():
            lock_accounts(followee.pk, *batch)
            _accept(followee.pk, batch)


class BlockSelf(ChirpError):
    """Nobody blocks themselves."""

    code = "block_self"
    message = "You cannot block yourself."


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Block somebody; follows and requests between the two end. Twice is the same as once."""
    if blocker.pk == blocked.pk:
        raise BlockSelf
    lock_accounts(blocker.pk, blocked.pk)
    _, created = Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    if created:
        publish(PersonBlocked(blocker_id=blocker.pk, blocked_id=blocked.pk))
    _end(
        Follow.objects.filter(
            Q(follower=blocker, followee=blocked) | Q(follower=blocked, followee=blocker)
        )
    )


@transaction.atomic
def unblock(*, blocker: User, blocked: User) -> None:
    """Take a block back; what it ended stays ended. Twice is the same as once."""
    if blocker.pk == blocked.pk:
        raise BlockSelf
    ended, _ = Block.objects.filter(blocker=blocker, blocked=blocked).delete()
    if ended:
        publish(PersonUnblocked(blocker_id=blocker.pk, blocked_id=blocked.pk))


class MuteSelf(ChirpError):
    """Nobody mutes themselves."""

    code = "mute_self"
    message = "You cannot mute yourself."


@transaction.atomic
def mute(*, muter: User, muted: User) -> None:
    """No longer read somebody, who is not told. Twice is the same as once."""
    if muter.pk == muted.pk:
        raise MuteSelf
    _, created = Mute.objects.get_or_create(muter=muter, muted=muted)
    if created:
        publish(PersonMuted(muter_id=muter.pk, muted_id=muted.pk))


@transaction.atomic
def unmute(*, muter: User, muted: User) -> None:
    """Read somebody again. Twice is the same as once."""
    if muter.pk == muted.pk:
        raise MuteSelf
    ended, _ = Mute.objects.filter(muter=muter, muted=muted).delete()
    if ended:
        publish(PersonUnmuted(muter_id=muter.pk, muted_id=muted.pk))


def _blocks(one: User, other: User) -> QuerySet[Block]:
    return Block.objects.filter(
        Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one),
    )


def _accept(followee_id: int, follower_ids: Iterable[int]) -> None:
    """Turn requests into follows. All of these people are locked."""
    requests = Follow.objects.filter(
        followee_id=followee_id, follower_id__in=follower_ids, since_id=None
    )
    accepted = list(requests.values_list("follower_id", flat=True))
    requests.update(since_id=NextId())
    _count(accepted, [followee_id] * len(accepted), by=1)
    for follower_id in accepted:
        publish(FollowAccepted(follower_id=follower_id, followee_id=followee_id))


def _end(edges: QuerySet[Follow]) -> None:
    """Remove follows and requests. The people of all of them are locked."""
    ended = list(edges.exclude(since_id=None).values_list("follower_id", "followee_id"))
    edges.delete()
    _count([follower for follower, _ in ended], [followee for _, followee in ended], by=-1)
    for follower_id, followee_id in ended:
        publish(FollowEnded(follower_id=follower_id, followee_id=followee_id))


def _count(follower_ids: list[int], followee_ids: list[int], *, by: int) -> None:
    """Add `by` to the counts of both ends of every edge; a follower has one edge at most here."""
    counts.add(follower_ids, "following", by)
    for followee_id, edges in Counter(followee_ids).items():
        counts.add([followee_id], "followers", by * edges)
