"""Reads of lists on behalf of a viewer."""

from collections.abc import Collection, Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from chirp.db.prepared import Question
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest, paginate
from lists.models import ListMember, PeopleList
from lists.sql import NAMES
from people.models import Block
from people.selectors import ListsHidden, check_edges
from tweets.models import Tweet


def blocked_with(user: str, other: User | OuterRef) -> Q:
    """Return the condition that there is a block between the account in `user` and the other."""
    between = Block.objects.filter(
        Q(blocker=OuterRef(user), blocked=other) | Q(blocker=other, blocked=OuterRef(user))
    )
    return Q(Exists(between))


def _rows() -> QuerySet[PeopleList]:
    """Return lists with their owner and the number of their shown members, in one query."""
    active = Q(members__user__deactivated_at=None, members__user__suspended_at=None)
    shown = active & ~blocked_with("members__user", OuterRef("owner"))
    return PeopleList.objects.annotate(size=Count("members", filter=shown)).select_related("owner")


def lists_of(*, viewer: User | None, owner: User) -> Sequence[PeopleList]:
    """Return the lists of an account that the viewer may read, by name.

    Raises ListsHidden if the owner blocks the viewer, and ListsPrivate if the owner is private and
    the viewer is no follower.
    """
    rows = _rows().filter(owner=owner)
    if viewer != owner:
        check_edges(viewer=viewer, user=owner)
        rows = rows.filter(private=False)
    return list(rows.order_by("name", "pk"))


def asks_names(*, owner: User, limit: int) -> Question[list[tuple[int, str]]]:
    """Return the question for the ids and names of the first lists of an account, by name."""
    return Question(NAMES, {"owner": owner.pk, "limit": limit}, list)


def access_list(*, viewer: User | None, list_id: int) -> PeopleList:
    """Return a list that the viewer may read: their own, or one that is not private.

    Raises NotFound, also if the owner is gone, blocks the viewer, or is private and the viewer is
    no follower.
    """
    found = _rows().filter(pk=list_id).first()
    if found is None or not _may_read(viewer, found):
        raise NotFound
    return found


def lists_with_author(*, tweet_id: int, among: Collection[int]) -> list[int]:
    """Return those of these lists of which the author of a tweet is a member, by id."""
    author = Tweet.objects.filter(pk=tweet_id).values("author")
    members = ListMember.objects.filter(list__in=among, user__in=author)
    shown = members.exclude(blocked_with("user", OuterRef("list__owner")))
    return list(shown.values_list("list", flat=True))


def _may_read(viewer: User | None, found: PeopleList) -> bool:
    if viewer == found.owner:
        return True
    if found.private or not found.owner.is_active:
        return False
    try:
        check_edges(viewer=viewer, user=found.owner)
    except ListsHidden:
        return False
    return True


def members(*, viewer: User | None, found: PeopleList, page: PageRequest) -> Page[User]:
    """Return the people on a list that `access_list` returned, the latest first.

    People who are gone, or with a block between them and the owner or the viewer, are left out.
    """
    rows = ListMember.objects.filter(
        ~blocked_with("user", found.owner),
        list=found,
        user__deactivated_at=None,
        user__suspended_at=None,
    )
    if viewer is not None and viewer != found.owner:
        rows = rows.filter(~blocked_with("user", viewer))
    shown = paginate(rows.select_related("user"), page=page)
    users = [row.user for row in shown.results]
    return Page(users, shown.next, shown.previous, shown.positions)


def lists_with(*, owner: User, user: User) -> set[int]:
    """Return the ids of the owner's lists that the person is on."""
    rows = ListMember.objects.filter(list__owner=owner, user=user)
    return set(rows.values_list("list_id", flat=True))


def exclusive_lists_with(*, owner: User, user_id: int) -> list[PeopleList]:
    """Return the owner's exclusive lists that a person is on, by name."""
    rows = PeopleList.objects.filter(owner=owner, exclusive=True, members__user=user_id)
    return list(rows.order_by("name", "pk"))
