"""The oracle: the definition of the home timeline as one plain SQL query (timelines/sql.py).

It shares no code with the read path. `manage.py timeline verify` and the tests compare the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.models import User
from chirp.pagination import PageRequest
from timelines import selectors, sql


@dataclass(frozen=True, slots=True)
class Difference:
    """The first page of a timeline that differs from the oracle: its number and the ids of both."""

    viewer: User
    page: int
    expected: list[int]
    read: list[int]


def entries(viewer: User) -> list[tuple[int, int]]:
    """Return the whole home timeline by rules 1 to 6, newest first: (id, id of the original).

    For an entry that is not a repost, both ids are the same.
    """
    parameters = {"viewer": viewer.pk, "backfill": settings.TIMELINE_BACKFILL_ON_FOLLOW}
    with connection.cursor() as cursor:
        cursor.execute(sql.ORACLE, parameters)
        return list(cursor.fetchall())


def pages(timeline: Sequence[tuple[int, int]], limit: int) -> list[list[int]]:
    """Apply rule 7: divide the timeline into folded pages of at most `limit` entries."""
    done: list[list[int]] = []
    rest = list(timeline)
    while rest:
        page: dict[int, int] = {}
        for id_, original in rest:
            if original not in page and len(page) == limit:
                break
            page.setdefault(original, id_)
        else:
            return [*done, list(page.values())]
        done.append(list(page.values()))
        rest = [(id_, original) for id_, original in rest if id_ < done[-1][-1]]
    return done or [[]]


def read_to_the_end(viewer: User, limit: int) -> list[list[int]]:
    """Read every page from the top, following `next`. Returns the ids of each page."""
    request, found = PageRequest(limit=limit), []
    while True:
        page = selectors.home(viewer=viewer, page=request)
        found.append([entry.id for entry in page.results])
        if page.next is None:
            return found
        request = PageRequest(limit=limit, cursor=page.next)


def verify(viewer: User, *, limit: int) -> Difference | None:
    """Compare every page of a viewer's timeline with the oracle.

    Returns the first difference, or None if there is none.
    """
    expected, read = pages(entries(viewer), limit), read_to_the_end(viewer, limit)
    for number in range(max(len(expected), len(read))):
        expected_page = expected[number] if number < len(expected) else []
        read_page = read[number] if number < len(read) else []
        if expected_page != read_page:
            return Difference(viewer, number + 1, expected_page, read_page)
    return None
