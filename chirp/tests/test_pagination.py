"""Pages by cursor."""

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from chirp.pagination import (
    MAX_LIMIT,
    TOP,
    BadCursor,
    BadLimit,
    Cursor,
    Page,
    PageRequest,
    paginate,
)


@given(st.integers(0, 2**63 - 1), st.booleans())
def test_a_cursor_comes_back_as_it_went(number: int, below: bool) -> None:
    cursor = Cursor(before=number) if below else Cursor(after=number)
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text())
def test_what_is_no_cursor_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except BadCursor:
        return
    assert cursor.encode() == text


@pytest.mark.parametrize(
    "place", ["", "b", "b-1", "b01", "c1", "b1 ", "b1\n", "b9223372036854775808", "b1a1", "b١"]
)
def test_places_that_nobody_hands_out_are_refused(place: str) -> None:
    import base64

    text = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text)


def asked(query: str) -> PageRequest:
    """What a request with this query asks for."""
    return PageRequest.of(RequestFactory().get(f"/list?{query}").GET)


def test_limits_have_bounds() -> None:
    assert asked("").limit == 20
    assert asked("limit=1").limit == 1
    assert asked(f"limit={MAX_LIMIT}").limit == MAX_LIMIT
    for query in ["limit=0", "limit=101", "limit=1e1", "limit=+5", "limit=５", "limit=%00"]:
        with pytest.raises(BadLimit):
            asked(query)


@pytest.fixture
def rows(db: None) -> list[int]:
    """The keys of six rows, newest first."""
    return [Group.objects.create(name=str(number)).pk for number in range(6)][::-1]


def page(limit: int, cursor: Cursor = TOP) -> Page[Group]:
    """A page of those rows."""
    return paginate(Group.objects.all(), page=PageRequest(limit=limit, cursor=cursor))


def keys(shown: Page[Group]) -> list[int]:
    """Which rows are on it."""
    return [row.pk for row in shown.results]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
def test_down_and_up_again_shows_every_row_once(rows: list[int], limit: int) -> None:
    shown = page(limit)
    assert shown.previous is None
    pages = [shown]
    while shown.next:
        shown = page(limit, shown.next)
        pages.append(shown)
    assert [key for one in pages for key in keys(one)] == rows
    assert all(one.results for one in pages)
    back = [shown]
    while shown.previous:
        shown = page(limit, shown.previous)
        back.append(shown)
    assert [keys(one) for one in back] == [keys(one) for one in reversed(pages)]


def test_what_comes_while_one_reads_neither_repeats_nor_hides(rows: list[int]) -> None:
    first = page(3)
    newest = Group.objects.create(name="newest").pk
    assert first.next is not None
    second = page(3, first.next)
    assert keys(second) == rows[3:]
    assert second.previous is not None
    above = page(3, second.previous)
    assert keys(above) == rows[:3]
    assert above.previous is not None
    assert keys(page(3, above.previous)) == [newest]


def test_a_page_below_everything_is_empty_and_leads_back(rows: list[int]) -> None:
    beyond = page(2, Cursor(before=0))
    assert (beyond.results, beyond.next) == ([], None)
    assert beyond.previous is not None
    assert keys(page(2, beyond.previous)) == rows[-2:]


def test_an_empty_list_is_one_page(db: None) -> None:
    assert page(2) == Page([], next=None, previous=None)
