"""Finding accounts: by id at every request, and by what they sign in with."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS

from accounts.models import User, UserQuerySet
from chirp.db.prepared import Prepared

COLUMNS = [field.attname for field in User._meta.concrete_fields]


def person_query(*more: str) -> Prepared:
    """For `find_with`: a query for the person `%(viewer)s`, and for more columns than theirs."""
    columns = ", ".join([*COLUMNS, *more])
    return Prepared(
        f"SELECT {columns} FROM accounts_user WHERE id = %(viewer)s::bigint"  # noqa: S608
    )


PERSON = person_query()


def find_user(*, user_id: int) -> User | None:
    """Who has this id, whatever their state: for what is asked at every request.

    The ORM makes its query anew each time.
    """
    found = find_with(PERSON, user_id=user_id)
    return found and found[0]


def find_with(
    query: Prepared, *, user_id: int, using: str = DEFAULT_DB_ALIAS
) -> tuple[User, tuple[Any, ...]] | None:
    """As `find_user`, with the further columns of a `person_query`."""
    if not 0 < user_id < 2**63:  # a number that no column holds
        return None
    for row in query.rows(using=using, viewer=user_id):
        own = len(COLUMNS)
        return User.from_db(using, COLUMNS, row[:own]), row[own:]
    return None


def find_login(*, login: str) -> User | None:
    """Whom a handle or an e-mail address belongs to, whatever their state."""
    people = UserQuerySet(User)
    if "@" not in login.removeprefix("@"):
        return people.by_handle(login.removeprefix("@")).first()
    return people.by_email(login.strip()).first()
