"""People as the pages show them: each with how they stand to the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from people import suggestions
from people.selectors import NOTHING_BETWEEN, Relationship, relationships


class Person(suggestions.Person):
    """The signed-in user, as much as navigation shows: the key of its cached HTML."""

    @property
    def is_authenticated(self) -> bool:
        """As Django's users have it."""
        return True


@dataclass(frozen=True, slots=True)
class Row:
    """One person in a list."""

    person: User | suggestions.Person
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
