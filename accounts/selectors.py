"""Look up accounts: by id on every request, and by handle or e-mail address at sign-in."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Q, Sum

from accounts.models import User, UserQuerySet
from accounts.validation import HANDLE_PATTERN, is_email
from chirp.db.prepared import Prepared


class Usage(NamedTuple):
    """How many accounts are active, how many signed in lately, and how many tweets they have."""

    users: int
    active: int
    tweets: int


def usage(*, since: datetime) -> Usage:
    """Return how much the site is used. It reads all accounts: keep the answer for a while."""
    recent = Count("pk", filter=Q(last_login__gte=since))
    found = User.objects.active().aggregate(Count("pk"), recent=recent, tweets=Sum("tweets_count"))
    return Usage(found["pk__count"], found["recent"], found["tweets"] or 0)


COLUMNS = [field.attname for field in User._meta.concrete_fields]


def _query(condition: str, *more: str) -> Prepared:
    columns = ", ".join([*COLUMNS, *more])
    return Prepared(f"SELECT {columns} FROM accounts_user WHERE {condition}")  # noqa: S608


def person_query(*more: str) -> Prepared:
    """Build a query for `find_with`: the account `%(viewer)s`, and `more` SQL expressions."""
    return _query("id = %(viewer)s::bigint", *more)


def handle_query(*more: str) -> Prepared:
    """Build a query for `find_by_handle_with`, with `more` SQL expressions."""
    return _query("lower(handle) = %(handle)s::text", *more)


USER_QUERY = person_query()
HANDLE_QUERY = handle_query()


def find_user(*, user_id: int) -> User | None:
    """Return the account with this id, even if it is deactivated or suspended.

    It runs on every request, so the query is prepared: the ORM would build it again each time.
    """
    found = find_with(USER_QUERY, user_id=user_id)
    return found and found[0]


def find_with(
    query: Prepared, *, user_id: int, using: str = DEFAULT_DB_ALIAS
) -> tuple[User, tuple[Any, ...]] | None:
    """Like `find_user`, but also return the additional columns of a `person_query`."""
    if not 0 < user_id < 2**63:  # out of range for the column
        return None
    for row in query.rows(using=using, viewer=user_id):
        width = len(COLUMNS)
        return User.from_db(using, COLUMNS, row[:width]), row[width:]
    return None


def find_by_handle(*, handle: str) -> User | None:
    """Return the account with this handle, regardless of case, even if deactivated or suspended.

    It runs with every read of a profile, so the query is prepared, as that of `find_user`.
    """
    found = find_by_handle_with(HANDLE_QUERY, handle=handle)
    return found and found[0]


def find_by_handle_with(
    query: Prepared, *, handle: str, **parameters: Any
) -> tuple[User, tuple[Any, ...]] | None:
    """Like `find_by_handle`, but also return the additional columns of a `handle_query`."""
    if re.fullmatch(HANDLE_PATTERN, handle) is None:
        return None
    for row in query.rows(handle=handle.lower(), **parameters):
        width = len(COLUMNS)
        return User.from_db(DEFAULT_DB_ALIAS, COLUMNS, row[:width]), row[width:]
    return None


def find_login(*, login: str) -> User | None:
    """Return the account with this handle or e-mail address, even if deactivated or suspended."""
    if is_email(login):
        return UserQuerySet(User).by_email(login).first()
    return find_by_handle(handle=login.removeprefix("@"))


def existing_handles(handles: Collection[str]) -> list[str]:
    """Return the handles of existing accounts among these, regardless of case, as stored."""
    return list(User.objects.by_handles(handles).values_list("handle", flat=True))
