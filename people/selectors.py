"""Reads about people, and the gate through which a viewer meets somebody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import HANDLE_PATTERN, User, UserQuerySet
from chirp.errors import NotAllowed, NotFound
from chirp.pagination import Page, PageRequest, paginate
from people import sql
from people.models import Block, Follow


@dataclass(frozen=True, slots=True)
class Relationship:
    """How somebody stands to a viewer. `reposts`: the viewer follows them, reposts included."""

    following: bool = False
    followed_by: bool = False
    requested: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    reposts: bool = False


NOTHING_BETWEEN = Relationship()


class ListsHidden(NotAllowed):
    """The person has blocked the viewer, who may not see whom they follow and who follows them."""

    code = "blocked"
    message = "This person has blocked you."


def access_user(*, viewer: User | None, handle: str) -> User:
    """The person with this handle. NotFound for nobody, and for people who are gone.

    A block is no reason: whom somebody blocked still finds the bare profile.
    """
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise NotFound
    user = UserQuerySet(User).active().by_handle(handle).first()
    if user is None:
        raise NotFound
    return user


def relationships(*, viewer: User, user_ids: Iterable[int]) -> dict[int, Relationship]:
    """How each of these people stands to `viewer`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(sql.RELATIONSHIPS, {"viewer": viewer.pk, "others": list(user_ids)})
        return {row[0]: Relationship(*row[1:]) for row in cursor.fetchall()}


def relationship(*, viewer: User, user: User) -> Relationship:
    """How `user` stands to `viewer`."""
    return relationships(viewer=viewer, user_ids=[user.pk])[user.pk]


def followers(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Who follows `user`, the newest follow first. ListsHidden for whom `user` has blocked."""
    check_lists(viewer=viewer, user=user)
    return _people(Follow.objects.filter(followee=user).exclude(since_id=None), "follower", page)


def following(*, viewer: User | None, user: User, page: PageRequest) -> Page[User]:
    """Whom `user` follows, the newest follow first. ListsHidden for whom `user` has blocked."""
    check_lists(viewer=viewer, user=user)
    return _people(Follow.objects.filter(follower=user).exclude(since_id=None), "followee", page)


def follow_requests(*, user: User, page: PageRequest) -> Page[User]:
    """Who has asked to follow `user`, the newest request first."""
    return _people(Follow.objects.filter(followee=user, since_id=None), "follower", page)


def check_lists(*, viewer: User | None, user: User) -> None:
    """Raise ListsHidden when `user` has blocked `viewer`."""
    if viewer is not None and Block.objects.filter(blocker=user, blocked=viewer).exists():
        raise ListsHidden


def _people(edges: QuerySet[Follow], end: str, page: PageRequest) -> Page[User]:
    """The people at one end of `edges`, without those who are gone."""
    present: dict[str, Any] = {f"{end}__deactivated_at": None, f"{end}__suspended_at": None}
    found = paginate(edges.filter(**present).select_related(end), page=page)
    people: list[User] = [getattr(edge, end) for edge in found.results]
    return Page(people, next=found.next, previous=found.previous)
