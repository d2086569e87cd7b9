"""Reads about accounts on behalf of a viewer: profiles, relationships, followers and requests."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User, UserQuerySet
from accounts.selectors import find_by_handle, find_by_handle_with
from chirp.errors import NotAllowed, NotFound
from chirp.pagination import Page, PageRequest, paginate
from chirp.texts import text as _
from people import sql
from people.models import Block, Follow, Mute


@dataclass(frozen=True, slots=True)
class Relationship:
    """The relationship of a viewer to another account.

    `reposts` is true if the viewer follows the account and sees its reposts, `notify` if the viewer
    follows it and is notified of its tweets. `muting_until` is when the mute ends; None for never,
    and without a mute. `note` is what the viewer noted about the account. `featured` is true if the
    viewer follows the account and shows it on their profile.
    """

    following: bool = False
    followed_by: bool = False
    requested: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    reposts: bool = False
    notify: bool = False
    muting_until: datetime | None = None
    note: str = ""
    featured: bool = False

    @property
    def shows_details(self) -> bool:
        """Whether the viewer sees bio, place and link: not if the account blocks them."""
        return not self.blocked_by


NOTHING_BETWEEN = Relationship()


class ListsHidden(NotAllowed):
    """The account has blocked the viewer, and its lists are hidden from the viewer."""

    code = "blocked"
    message = _("This person has blocked you.")


class ListsPrivate(ListsHidden):
    """The account is private, and the viewer is not one of its followers."""

    code = "private"
    message = _("Only accepted followers see the lists of a private account.")


def access_user(*, viewer: User | None, handle: str) -> User:
    """Return the active account with this handle, regardless of case.

    Raises NotFound if there is none, or if it is deactivated or suspended. A block does not matter
    here: a blocked viewer still sees the bare profile.
    """
    user = find_by_handle(handle=handle)
    if user is None or not user.is_active:
        raise NotFound
    return user


def access_account(*, user_id: int) -> User:
    """Return the active account with this id, as `access_user`. Raises NotFound."""
    user = UserQuerySet(User).active().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def access_accounts(*, user_ids: Sequence[int]) -> list[User]:
    """Return those of these accounts that are active, in this order."""
    found = UserQuerySet(User).active().in_bulk(list(user_ids))
    return [found[id_] for id_ in user_ids if id_ in found]


def active_by_handle(*, handles: Collection[str]) -> dict[str, User]:
    """Return those of the accounts with these handles, as stored, that are active."""
    found = UserQuerySet(User).active().by_handles(handles)
    return {user.handle: user for user in found}


def access_related_account(*, viewer: User, user_id: int) -> User:
    """Return the account with this id, as `access_related_user`. Raises NotFound."""
    user = UserQuerySet(User).filter(pk=user_id).first()
    if user is None or not (user.is_active or _are_related(viewer, user)):
        raise NotFound
    return user


def access_related_user(*, viewer: User, handle: str) -> User:
    """Return the account with this handle for a change that only removes something.

    An account that is deactivated or suspended is found too if there is a follow, request, block
    or mute between it and the viewer, so that the viewer can undo what they did. Raises NotFound.
    """
    user = find_by_handle(handle=handle)
    if user is None or not (user.is_active or _are_related(viewer, user)):
        raise NotFound
    return user


def suspended_account(*, handle: str) -> User | None:
    """Return the account with this handle if it is suspended, and would be there otherwise."""
    user = find_by_handle(handle=handle)
    if user is None or user.deactivated_at is not None or user.suspended_at is None:
        return None
    return user


def _are_related(viewer: User, user: User) -> bool:
    return (
        Follow.objects.filter(follower=viewer, followee=user).exists()
        or Follow.objects.filter(follower=user, followee=viewer).exists()
        or Block.objects.filter(blocker=viewer, blocked=user).exists()
        or Mute.objects.filter(muter=viewer, muted=user).exists()
    )


def relationships(*, viewer: User, user_ids: Iterable[int]) -> dict[int, Relationship]:
    """Return the relationship of `viewer` to each of these accounts, by id. Makes one query."""
    with connection.cursor() as cursor:
        cursor.execute(sql.RELATIONSHIPS, {"viewer": viewer.pk, "others": list(user_ids)})
        return {row[0]: Relationship(*row[1:]) for row in cursor.fetchall()}


def relationship(*, viewer: User, user: User) -> Relationship:
    """Return the relationship of `viewer` to `user`."""
    return relationships(viewer=viewer, user_ids=[user.pk])[user.pk]


def followers(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Return the followers of `user`, newest follow first.

    Raises ListsHidden if `user` has blocked `viewer`, and ListsPrivate.
    """
    check_edges(viewer=viewer, user=user)
    return accounts_of(
        Follow.objects.filter(followee=user).exclude(since_id=None), "follower", page
    )


def following(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Return the accounts that `user` follows, newest follow first.

    Raises ListsHidden if `user` has blocked `viewer`, and ListsPrivate.
    """
    check_edges(viewer=viewer, user=user)
    return accounts_of(
        Follow.objects.filter(follower=user).exclude(since_id=None), "followee", page
    )


def follow_requests(*, user: User, page: PageRequest) -> Page[User]:
    """Return the accounts with a pending request to follow `user`, newest request first."""
    return accounts_of(Follow.objects.filter(followee=user, since_id=None), "follower", page)


def blocked_accounts(*, user: User, page: PageRequest) -> Page[User]:
    """Return the active accounts that `user` blocks, the latest first."""
    return accounts_of(Block.objects.filter(blocker=user), "blocked", page)


def muted_accounts(*, user: User, page: PageRequest) -> Page[User]:
    """Return the active accounts that `user` mutes, the latest first."""
    return accounts_of(Mute.objects.filter(muter=user), "muted", page)


def mutes_until(*, user: User, muted: Iterable[User]) -> dict[int, datetime]:
    """Return when the mutes of these accounts by `user` end, by id, of those that do end."""
    rows = Mute.objects.filter(muter=user, muted__in=list(muted), until__isnull=False)
    return {row.muted_id: row.until for row in rows if row.until}


def number_of_requests(*, user: User) -> int:
    """Return how many active accounts have a pending request to follow `user`."""
    active: dict[str, Any] = {"follower__deactivated_at": None, "follower__suspended_at": None}
    return Follow.objects.filter(followee=user, since_id=None, **active).count()


def check_lists(*, viewer: User | None, user: User) -> bool:
    """Return whether `viewer` follows `user`. A request that is not accepted is not enough.

    Raises ListsHidden if `user` has blocked `viewer`. Makes one query; none without a viewer.
    """
    if viewer is None:
        return False
    ((blocked, follows),) = sql.BLOCKED_AND_FOLLOWS.rows(viewer=viewer.pk, other=user.pk)
    if blocked:
        raise ListsHidden
    return bool(follows)


def access_lists(*, viewer: User | None, handle: str) -> tuple[User, bool]:
    """Return the active account with this handle, and whether `viewer` follows it. One query.

    Raises NotFound as `access_user`, and ListsHidden as `check_lists`.
    """
    found = find_by_handle_with(
        sql.ACCOUNT_BLOCKED_AND_FOLLOWS, handle=handle, viewer=viewer and viewer.pk
    )
    if found is None or not found[0].is_active:
        raise NotFound
    user, (blocked, follows) = found
    if blocked:
        raise ListsHidden
    return user, bool(follows)


def check_edges(*, viewer: User | None, user: User) -> None:
    """Raise ListsHidden if `user` has blocked `viewer`, or ListsPrivate."""
    follows = check_lists(viewer=viewer, user=user)
    if user.private and viewer != user and not follows:
        raise ListsPrivate


def accounts_of(
    rows: QuerySet[Follow] | QuerySet[Block] | QuerySet[Mute], field: str, page: PageRequest
) -> Page[User]:
    """Return the active accounts in one `field` of the rows, such as "follower"."""
    active: dict[str, Any] = {f"{field}__deactivated_at": None, f"{field}__suspended_at": None}
    # The condition on the key is that of the indexes for pages.
    found = paginate(rows.filter(pk__gt=0, **active).select_related(field), page=page)
    accounts: list[User] = [getattr(row, field) for row in found.results]
    return Page(accounts, found.next, found.previous, found.positions)
