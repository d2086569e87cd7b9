"""People as pages show them: each with their relationship to the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from people.selectors import NOTHING_BETWEEN, Relationship, relationships
from people.suggestions import Person


@dataclass(frozen=True, slots=True)
class Row:
    """One person in a list."""

    person: User | Person
    relationship: Relationship


def person_of(user: User) -> Person:
    """As much of a user as cached pieces of pages show, since it is part of their key."""
    return Person(user.pk, user.handle, user.name, user.avatar, user.private)


def rows(people: Sequence[User], *, viewer: User | None) -> list[Row]:
    """These people, in their order. One query; none for an anonymous visitor."""
    between = {}
    if viewer is not None and people:
        between = relationships(viewer=viewer, user_ids=[person.pk for person in people])
    return [Row(person, between.get(person.pk, NOTHING_BETWEEN)) for person in people]


def row(person: User, *, viewer: User | None) -> Row:
    """One person."""
    return rows([person], viewer=viewer)[0]
