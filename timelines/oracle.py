"""The oracle: the definition of the home timeline as one plain SQL query (timelines/sql.py).

It shares no code with the read path: `manage.py timeline verify` and the tests compare the two.
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
    """Where a timeline, read to its end, is not what the oracle says (ids, page by page)."""

    viewer: User
    page: int
    expected: list[int]
    read: list[int]


def entries(viewer: User) -> list[tuple[int, int]]:
    """The whole home timeline by rules 1 to 6: (id, id of what it shows), newest first."""
    parameters = {"viewer": viewer.pk, "backfill": settings.TIMELINE_BACKFILL_ON_FOLLOW}
    with connection.cursor() as cursor:
        cursor.execute(sql.ORACLE, parameters)
        return list(cursor.fetchall())


def pages(timeline: Sequence[tuple[int, int]], limit: int) -> list[list[int]]:
    """Rule 7: the timeline cut into pages of at most `limit` shown entries, each folded."""
    cut: list[list[int]] = []
    rest = list(timeline)
    while rest:
        shown: dict[int, int] = {}
        for id_, original in rest:
            if original not in shown and len(shown) == limit:
                break
            shown.setdefault(original, id_)
        else:
            return [*cut, list(shown.values())]
        cut.append(list(shown.values()))
        rest = [(id_, original) for id_, original in rest if id_ < cut[-1][-1]]
    return cut or [[]]


def read_to_the_end(viewer: User, limit: int) -> list[list[int]]:
    """Every page as a reader gets it, from the top, following `next`."""
    request, found = PageRequest(limit=limit), []
    while True:
        page = selectors.home(viewer=viewer, page=request)
        found.append([entry.id for entry in page.results])
        if page.next is None:
            return found
        request = PageRequest(limit=limit, cursor=page.next)


def verify(viewer: User, *, limit: int) -> Difference | None:
    """Compare every page of a viewer's timeline with the oracle: the first difference, or None."""
    expected, read = pages(entries(viewer), limit), read_to_the_end(viewer, limit)
    for number in range(max(len(expected), len(read))):
        theirs = expected[number] if number < len(expected) else []
        ours = read[number] if number < len(read) else []
        if theirs != ours:
            return Difference(viewer, number + 1, theirs, ours)
    return None
