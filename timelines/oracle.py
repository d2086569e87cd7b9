"""The oracle: the definition of the home timeline as one plain SQL query (timelines/sql/oracle.py).

It shares no code with the read path. `manage.py timeline verify` and the tests compare the two.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from chirp.pagination import Page, PageRequest
from filters.matching import Phrase, finds, normal_of
from filters.models import Filter, FilterPhrase
from lists.models import PeopleList
from timelines import selectors
from timelines.lists import list_timeline
from timelines.sql import oracle as sql
from tweets.read.facts import Facts

Entries = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first page of a timeline that differs from the oracle: its number and the ids of both."""

    viewer: User
    timeline: str  # "home", or "list" and its id
    page: int
    expected: list[int]
    read: list[int]


def entries(viewer: User) -> Entries:
    """Return the whole home timeline by rules 1 to 6, newest first: (id, id of the original).

    For an entry that is not a repost, both ids are the same.
    """
    return _entries(sql.ORACLE, viewer, backfill=settings.TIMELINE_BACKFILL_ON_FOLLOW)


def list_entries(viewer: User | None, list_id: int) -> Entries:
    """Return the whole timeline of a list by rules 2 to 5, like `entries`."""
    return _entries(sql.ORACLE_OF_LIST, viewer, list=list_id)


def _entries(query: str, viewer: User | None, **parameters: int) -> Entries:
    values = {**parameters, "viewer": viewer.pk if viewer else None, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = list(cursor.fetchall())
    return found if viewer is None else _unfiltered(viewer, found)


def _unfiltered(viewer: User, found: Entries) -> Entries:
    """Leave out the entries that match a hiding filter of the viewer (rule 4)."""
    active = Filter.objects.filter(owner=viewer, action="hide", contexts__contains="home")
    phrases = FilterPhrase.objects.filter(
        Q(filter__expires_at=None) | Q(filter__expires_at__gt=timezone.now()), filter__in=active
    )
    wanted = tuple(Phrase(phrase.text, phrase.whole_word) for phrase in phrases)
    if not wanted:
        return found
    with connection.cursor() as cursor:
        ids = [id_ for id_, _ in found]
        cursor.execute(sql.ORACLE_TEXTS, {"viewer": viewer.pk, "ids": ids})
        hidden = {id_ for id_, text in cursor.fetchall() if finds(wanted, normal_of([text]))}
    return [entry for entry in found if entry[0] not in hidden]


def pages(
    timeline: Sequence[tuple[int, int]], limit: int, cuts: Sequence[int] = ()
) -> list[list[int]]:
    """Apply rule 7: divide the timeline into folded pages of at most `limit` entries.

    `cuts` are ids, descending, above which a page was cut short.
    """
    if cuts:
        above = [entry for entry in timeline if entry[0] >= cuts[0]]
        below = [entry for entry in timeline if entry[0] < cuts[0]]
        return [*pages(above, limit), *pages(below, limit, cuts[1:])]
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
    """Read every page of home from the top, following `next`. Returns the ids of each page."""
    return [_ids(page) for page in _pages_read(partial(selectors.home, viewer=viewer), limit)]


def _pages_read(read: Callable[..., Page[Facts]], limit: int) -> Iterator[Page[Facts]]:
    request: PageRequest | None = PageRequest(limit=limit)
    while request is not None:
        page = read(page=request)
        yield page
        request = PageRequest(limit=limit, cursor=page.next) if page.next else None


def _ids(page: Page[Facts]) -> list[int]:
    return [entry.id for entry in page.results]


def _cuts(read: Sequence[Page[Facts]]) -> list[int]:
    """Return where pages were cut short: as much was walked through for them as is allowed."""
    ends = [(page.results, page.next.before) for page in read if page.next]
    return [
        before
        for results, before in ends
        if before is not None and not (results and results[-1].id == before)
    ]


def verify(viewer: User, *, limit: int) -> Difference | None:
    """Compare every page of a viewer's home, and of their own lists, with the oracle.

    Returns the first difference, or None if there is none.
    """
    different = _compare(partial(selectors.home, viewer=viewer), entries(viewer), limit)
    if different is not None:
        return Difference(viewer, "home", *different)
    of_lists = (verify_list(viewer, own, limit=limit) for own in _lists(viewer))
    return next(filter(None, of_lists), None)


def verify_list(viewer: User | None, found: PeopleList, *, limit: int) -> Difference | None:
    """Compare every page of the timeline of a list with the oracle, like `verify`."""
    read = partial(list_timeline, viewer=viewer, found=found)
    different = _compare(read, list_entries(viewer, found.pk), limit)
    return different and Difference(viewer or found.owner, f"list {found.pk}", *different)


def _lists(viewer: User) -> list[PeopleList]:
    return list(PeopleList.objects.filter(owner=viewer).order_by("pk"))


def _compare(
    read: Callable[..., Page[Facts]], timeline: Entries, limit: int
) -> tuple[int, list[int], list[int]] | None:
    """Return the number of the first page that differs, and what is expected and read there."""
    found = list(_pages_read(read, limit))
    nothing: list[int] = []
    pairs = zip_longest(pages(timeline, limit, _cuts(found)), map(_ids, found), fillvalue=nothing)
    for number, (expected, there) in enumerate(pairs, start=1):
        if expected != there:
            return number, expected, there
    return None
