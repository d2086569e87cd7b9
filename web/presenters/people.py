"""People as the pages show them: each with how they stand to the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import User
from people.selectors import NOTHING_BETWEEN, Relationship, relationships


class Person(NamedTuple):
    """As much of somebody as navigation and suggestions show: what both are remembered by."""

    pk: int
    handle: str
    name: str

    @property
    def display_name(self) -> str:
        """The name, or the handle for those who gave none."""
        return self.name or self.handle

    @property
    def is_authenticated(self) -> bool:
        """As Django's users have it: the person who asks is one."""
        return True


@dataclass(frozen=True, slots=True)
class Row:
    """One person in a list."""

    person: User | Person
    relationship: Relationship


def rows(people: Sequence[User], *, viewer: User | None) -> list[Row]:
    """These people, in their order. One query, none for somebody who is signed out."""
    between = {}
    if viewer is not None and people:
        between = relationships(viewer=viewer, user_ids=[person.pk for person in people])
    return [Row(person, between.get(person.pk, NOTHING_BETWEEN)) for person in people]


def row(person: User, *, viewer: User | None) -> Row:
    """One person."""
    return rows([person], viewer=viewer)[0]
