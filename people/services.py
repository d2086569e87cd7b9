"""Writes between two accounts: follows, follow requests, blocks and mutes.

Every function that changes follows, or creates a block, first locks both accounts in the order of
their ids. Changes between the same two accounts therefore run one after the other, counts can be
adjusted without reading them, and deadlocks are impossible.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import counts
from accounts.locks import lock_accounts
from accounts.models import User
from chirp import ids
from chirp.errors import ChirpError, NotAllowed, NotFound
from chirp.ids import NextId
from chirp.texts import text as _
from outbox.services import publish
from people.counters import recount
from people.events import (
    FollowAccepted,
    FollowEnded,
    FollowRequested,
    PersonBlocked,
    PersonMuted,
    PersonUnblocked,
    PersonUnmuted,
    RequestEnded,
)
from people.models import Block, Follow, Mute

ACCEPT_BATCH = 200
MUTES_BATCH = 100
MAX_MUTE_SECONDS = 10 * 365 * 86_400


class FollowSelf(ChirpError):
    """Accounts cannot follow themselves."""

    code = "follow_self"
    message = _("You cannot follow yourself.")


class Blocked(NotAllowed):
    """One of the two accounts has blocked the other."""

    code = "blocked"
    message = _("One of you has blocked the other.")


@transaction.atomic
def follow(
    *,
    follower: User,
    followee: User,
    reposts: bool | None = None,
    notify: bool | None = None,
    at: datetime | None = None,
) -> Follow:
    """Follow an account, or request to follow it if it is private. Idempotent.

    `reposts` is whether the follower sees reposts by the followee, `notify` whether the follower is
    notified of each tweet of the followee. None leaves them unchanged; a new follow shows reposts
    and does not notify. `at` dates a new follow back; it is for the demo, and no face has it.
    Raises FollowSelf, Blocked, or NotFound if the followee is deactivated or suspended.
    """
    if follower.pk == followee.pk:
        raise FollowSelf
    locked = lock_accounts(follower.pk, followee.pk)
    locked_followee = locked[followee.pk]
    if not locked_followee.is_active:
        raise NotFound
    if _blocks(follower, followee).exists():
        raise Blocked
    row, created = Follow.objects.get_or_create(
        follower=follower, followee=followee, defaults={"created_at": at} if at else {}
    )
    _set_options(row, reposts=reposts, notify=notify)
    if row.since_id is None and not locked_followee.private:
        _accept(followee.pk, [follower.pk], locked, at=at)
        row.refresh_from_db(fields=["since_id"])
    elif created:
        publish(FollowRequested(follower_id=follower.pk, followee_id=followee.pk))
    return row


def follow_inviter(*, user: User, inviter: User) -> None:
    """Let a new account follow who invited it, if that is possible: the hook `account.invited`."""
    with suppress(ChirpError):
        follow(follower=user, followee=inviter)


def _set_options(row: Follow, **options: bool | None) -> None:
    """Store the options that are not None and differ."""
    changed = {
        name: value
        for name, value in options.items()
        if value is not None and value != getattr(row, name)
    }
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))


@transaction.atomic
def unfollow(*, follower: User, followee: User) -> None:
    """End a follow, or withdraw a follow request. Idempotent. Raises FollowSelf."""
    if follower.pk == followee.pk:
        raise FollowSelf
    locked = lock_accounts(follower.pk, followee.pk)
    _end(Follow.objects.filter(follower=follower, followee=followee), locked)


def remove_follower(*, user: User, follower: User) -> None:
    """Remove `follower` from the followers of `user`. Idempotent. Raises FollowSelf."""
    unfollow(follower=follower, followee=user)


class NoRequest(NotFound):
    """There is no follow request from this account."""

    message = _("They have not asked to follow you.")


@transaction.atomic
def accept_request(*, followee: User, follower: User) -> None:
    """Accept a follow request. Idempotent. Raises NoRequest if `follower` never requested it."""
    locked = lock_accounts(follower.pk, followee.pk)
    if not Follow.objects.filter(follower=follower, followee=followee).exists():
        raise NoRequest
    _accept(followee.pk, [follower.pk], locked)


@transaction.atomic
def reject_request(*, followee: User, follower: User) -> None:
    """Reject a follow request. An accepted follow is left alone. Idempotent."""
    locked = lock_accounts(follower.pk, followee.pk)
    _end(Follow.objects.filter(follower=follower, followee=followee, since_id=None), locked)


def accept_all_requests(*, followee: User) -> None:
    """Accept all follow requests to `followee`, whose account must already be public.

    Do not call it in a transaction, which would hold the locks of one batch during the next.
    """
    requests = Follow.objects.filter(followee=followee, since_id=None).order_by("follower_id")
    while batch := list(requests.values_list("follower_id", flat=True)[:ACCEPT_BATCH]):
        with transaction.atomic():
            _accept(followee.pk, batch, lock_accounts(followee.pk, *batch))


class BlockSelf(ChirpError):
    """Accounts cannot block themselves."""

    code = "block_self"
    message = _("You cannot block yourself.")


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Block an account, and end follows and requests between the two accounts. Idempotent.

    Raises BlockSelf.
    """
    if blocker.pk == blocked.pk:
        raise BlockSelf
    locked = lock_accounts(blocker.pk, blocked.pk)
    _, created = Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    if created:
        publish(PersonBlocked(blocker_id=blocker.pk, blocked_id=blocked.pk))
    _end(
        Follow.objects.filter(
            Q(follower=blocker, followee=blocked) | Q(follower=blocked, followee=blocker)
        ),
        locked,
    )


@transaction.atomic
def unblock(*, blocker: User, blocked: User) -> None:
    """Remove a block. It does not restore the follows that the block ended. Idempotent.

    Raises BlockSelf.
    """
    if blocker.pk == blocked.pk:
        raise BlockSelf
    ended, _ = Block.objects.filter(blocker=blocker, blocked=blocked).delete()
    if ended:
        publish(PersonUnblocked(blocker_id=blocker.pk, blocked_id=blocked.pk))


class MuteSelf(ChirpError):
    """Accounts cannot mute themselves."""

    code = "mute_self"
    message = _("You cannot mute yourself.")


class BadDuration(ChirpError):
    """A mute would end before it begins, or in more than MAX_MUTE_SECONDS."""

    message = _("A mute lasts at least a second and at most ten years.")
    field = "seconds"


def mute(*, muter: User, muted: User, seconds: int | None = None) -> None:
    """Mute an account, without notice to its owner: for so many seconds, or for good.

    Idempotent; of an account that is muted already, it changes the end. Raises MuteSelf and
    BadDuration.
    """
    if muter.pk == muted.pk:
        raise MuteSelf
    if seconds is not None and not 0 < seconds <= MAX_MUTE_SECONDS:
        raise BadDuration
    until = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    with transaction.atomic():
        _, created = Mute.objects.update_or_create(
            muter=muter, muted=muted, defaults={"until": until}
        )
        if created:
            publish(PersonMuted(muter_id=muter.pk, muted_id=muted.pk))


@transaction.atomic
def unmute(*, muter: User, muted: User) -> None:
    """Remove a mute. Idempotent. Raises MuteSelf."""
    if muter.pk == muted.pk:
        raise MuteSelf
    ended, _ = Mute.objects.filter(muter=muter, muted=muted).delete()
    if ended:
        publish(PersonUnmuted(muter_id=muter.pk, muted_id=muted.pk))


def end_mutes(*, now: datetime) -> None:
    """End all mutes whose time is over, each as its muter would.

    Several processes may do this at once: each takes other rows.
    """
    while _end_mutes(now):
        pass


@transaction.atomic
def _end_mutes(now: datetime) -> int:
    """End a batch, and return how many it were."""
    due = Mute.objects.filter(until__lte=now).order_by("until")
    rows = list(due.select_for_update(skip_locked=True)[:MUTES_BATCH])
    Mute.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        publish(PersonUnmuted(muter_id=row.muter_id, muted_id=row.muted_id))
    return len(rows)


def _blocks(one: User, other: User) -> QuerySet[Block]:
    return Block.objects.filter(
        Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one),
    )


def _accept(
    followee_id: int,
    follower_ids: Iterable[int],
    locked: Mapping[int, User],
    *,
    at: datetime | None = None,
) -> None:
    """Turn requests into follows. `locked` holds all these accounts."""
    requests = Follow.objects.filter(
        followee_id=followee_id, follower_id__in=follower_ids, since_id=None
    )
    accepted = list(requests.values_list("follower_id", flat=True))
    requests.update(since_id=ids.at(at.timestamp()) if at else NextId())
    _count([(follower_id, followee_id) for follower_id in accepted], locked, by=1)
    for follower_id in accepted:
        publish(FollowAccepted(follower_id=follower_id, followee_id=followee_id))


def _end(follows: QuerySet[Follow], locked: Mapping[int, User]) -> None:
    """Delete follows and requests. `locked` holds all accounts of the rows."""
    rows = list(follows.values_list("follower_id", "followee_id", "since_id"))
    ended = [(follower_id, followee_id) for follower_id, followee_id, since in rows if since]
    follows.delete()
    if counts.being_recounted(locked):
        recount(list(locked))
    else:
        _count(ended, locked, by=-1)
    for follower_id, followee_id, since in rows:
        event = FollowEnded if since else RequestEnded
        publish(event(follower_id=follower_id, followee_id=followee_id))


def _count(edges: Sequence[tuple[int, int]], locked: Mapping[int, User], *, by: int) -> None:
    """Add `by` to the counts at both ends of (follower, followee) pairs.

    An end counts if the other one is active, as in the lists. No follower is in two pairs.
    """
    counts.add([one for one, other in edges if locked[other].is_active], "following", by)
    followers = Counter(other for one, other in edges if locked[one].is_active)
    for followee_id, number in followers.items():
        counts.add([followee_id], "followers", by * number)
