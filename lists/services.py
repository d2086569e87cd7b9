"""Change lists and their members. All functions are idempotent, except `create_list`."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from accounts.selectors import find_by_handle
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound
from chirp.plain_text import clean_line
from chirp.texts import ntext
from chirp.texts import text as _
from lists.models import NAME_LENGTH, ListMember, PeopleList
from lists.selectors import access_list
from people.models import Block

MAX_LISTS = 100  # of one owner
MAX_MEMBERS = 500  # of one list: a page of its timeline probes the tweets of each


class BadName(ChirpError):
    """The list has no name."""

    message = _("Give it a name.")
    field = "name"


class TooManyLists(Conflict):
    """The account has MAX_LISTS lists."""

    code = "too_many_lists"
    message = ntext(
        "You can have %(num)s lists. Delete one first.",
        "You can have %(num)s lists. Delete one first.",
        MAX_LISTS,
    )


class TooManyMembers(Conflict):
    """The list has MAX_MEMBERS members."""

    code = "too_many_members"
    message = ntext(
        "A list can have %(num)s people. Remove somebody first.",
        "A list can have %(num)s people. Remove somebody first.",
        MAX_MEMBERS,
    )


class NotYourList(NotAllowed):
    """Raised when a user changes a list of another account."""

    message = _("Only its owner may change or delete a list.")


class BlockBetween(NotAllowed):
    """There is a block between the owner of the list and the person."""

    code = "blocked"
    message = _("You cannot list somebody whom you block or who blocks you.")


def create_list(
    *, owner: User, name: str, private: bool = True, exclusive: bool = False
) -> PeopleList:
    """Create a list, and return it. Raises BadName, BadText and TooManyLists."""
    name = _checked_name(name)
    with transaction.atomic():
        lock_account(owner.pk)
        if PeopleList.objects.filter(owner=owner).count() >= MAX_LISTS:
            raise TooManyLists
        return PeopleList.objects.create(
            owner=owner, name=name, private=private, exclusive=exclusive
        )


def change_list(*, owner: User, list_id: int, **changes: Any) -> None:
    """Change name, private or exclusive of a list.

    Raises NotFound, NotYourList, BadName and BadText.
    """
    if "name" in changes:
        changes["name"] = _checked_name(changes["name"])
    with transaction.atomic():
        found = own_list(owner=owner, list_id=list_id, lock=True)
        for field, value in changes.items():
            setattr(found, field, value)
        found.save()


def delete_list(*, owner: User, list_id: int) -> None:
    """Delete a list if there is one. Raises NotYourList for a public one of another account."""
    try:
        own_list(owner=owner, list_id=list_id).delete()
    except NotFound:
        return


def add_member(*, owner: User, list_id: int, user: User) -> None:
    """Put a person on a list. They are not told.

    Raises NotFound, NotYourList, BlockBetween and TooManyMembers.
    """
    with transaction.atomic():
        found = own_list(owner=owner, list_id=list_id, lock=True)
        if not ListMember.objects.filter(list=found, user=user).exists():
            _check_blocks(owner, user)
            _add(found, user)


def remove_member(*, owner: User, list_id: int, handle: str) -> None:
    """Take the person with this handle off a list, even if they are gone or not on it.

    Raises NotFound and NotYourList.
    """
    found = own_list(owner=owner, list_id=list_id)
    ListMember.objects.filter(list=found, user=find_by_handle(handle=handle)).delete()


def choose_lists(*, owner: User, user: User, list_ids: Collection[int]) -> None:
    """Put a person on these lists of the owner, and take them off all others: all or nothing.

    Ids that are not of the owner's lists are ignored. Raises BlockBetween and TooManyMembers.
    """
    with transaction.atomic():
        lists = PeopleList.objects.filter(owner=owner).select_for_update().order_by("pk")
        chosen = [each for each in lists if each.pk in list_ids]
        on = ListMember.objects.filter(list__owner=owner, user=user)
        on.exclude(list__in=chosen).delete()
        known = set(on.values_list("list_id", flat=True))
        new = [each for each in chosen if each.pk not in known]
        if new:
            _check_blocks(owner, user)
        for each in new:
            _add(each, user)


def own_list(*, owner: User, list_id: int, lock: bool = False) -> PeopleList:
    """Return a list of the owner.

    Raises NotFound, and NotYourList if it is of another account but `owner` may read it.
    """
    rows = PeopleList.objects.select_for_update() if lock else PeopleList.objects.all()
    found = rows.filter(owner=owner, pk=list_id).first()
    if found is None:
        access_list(viewer=owner, list_id=list_id)
        raise NotYourList
    return found


def _add(found: PeopleList, user: User) -> None:
    """Put a person on a list whose row is locked. Raises TooManyMembers."""
    if ListMember.objects.filter(list=found).count() >= MAX_MEMBERS:
        raise TooManyMembers
    ListMember.objects.create(list=found, user=user)


def _check_blocks(owner: User, user: User) -> None:
    if Block.objects.filter(blocker__in=(owner, user), blocked__in=(owner, user)).exists():
        raise BlockBetween


def _checked_name(name: str) -> str:
    clean = clean_line(name, field="name", limit=NAME_LENGTH)
    if not clean:
        raise BadName
    return clean
