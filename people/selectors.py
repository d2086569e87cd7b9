"""Reads about accounts on behalf of a viewer: profiles, relationships, followers and requests."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User, UserQuerySet
from accounts.validation import HANDLE_PATTERN
from chirp.errors import NotAllowed, NotFound
from chirp.pagination import Page, PageRequest, paginate
from people import sql
from people.models import Block, Follow


@dataclass(frozen=True, slots=True)
class Relationship:
    """The relationship of a viewer to another account.

    `reposts` is true if the viewer follows the account and sees its reposts.
    """

    following: bool = False
    followed_by: bool = False
    requested: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    reposts: bool = False


NOTHING_BETWEEN = Relationship()


class ListsHidden(NotAllowed):
    """The account has blocked the viewer, and its lists are hidden from the viewer."""

    code = "blocked"
    message = "This person has blocked you."


def access_user(*, viewer: User | None, handle: str) -> User:
    """Return the active account with this handle, regardless of case.

    Raises NotFound if there is none, or if it is deactivated or suspended. A block does not matter
    here: a blocked viewer still sees the bare profile.
    """
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise NotFound
    user = UserQuerySet(User).active().by_handle(handle).first()
    if user is None:
        raise NotFound
    return user


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

    Raises ListsHidden if `user` has blocked `viewer`.
    """
    check_lists(viewer=viewer, user=user)
    return _accounts(Follow.objects.filter(followee=user).exclude(since_id=None), "follower", page)


def following(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Return the accounts that `user` follows, newest follow first.

    Raises ListsHidden if `user` has blocked `viewer`.
    """
    check_lists(viewer=viewer, user=user)
    return _accounts(Follow.objects.filter(follower=user).exclude(since_id=None), "followee", page)


def follow_requests(*, user: User, page: PageRequest) -> Page[User]:
    """Return the accounts with a pending request to follow `user`, newest request first."""
    return _accounts(Follow.objects.filter(followee=user, since_id=None), "follower", page)


def check_lists(*, viewer: User | None, user: User) -> None:
    """Raise ListsHidden if `user` has blocked `viewer`."""
    if viewer is not None and Block.objects.filter(blocker=user, blocked=viewer).exists():
        raise ListsHidden


def _accounts(follows: QuerySet[Follow], field: str, page: PageRequest) -> Page[User]:
    """Return the active accounts in `field` ("follower" or "followee") of `follows`."""
    active: dict[str, Any] = {f"{field}__deactivated_at": None, f"{field}__suspended_at": None}
    found = paginate(follows.filter(**active).select_related(field), page=page)
    accounts: list[User] = [getattr(follow, field) for follow in found.results]
    return Page(accounts, next=found.next, previous=found.previous)
