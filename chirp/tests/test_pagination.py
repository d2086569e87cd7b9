"""Cursor pagination."""

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
def test_an_encoded_cursor_is_decoded_to_the_same(number: int, below: bool) -> None:
    cursor = Cursor(before=number) if below else Cursor(after=number)
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text())
def test_any_text_is_a_cursor_or_raises_bad_cursor(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except BadCursor:
        return
    assert cursor.encode() == text


@pytest.mark.parametrize(
    "position", ["", "b", "b-1", "b01", "c1", "b1 ", "b1\n", "b9223372036854775808", "b1a1", "b١"]
)
def test_positions_that_encode_never_returns_are_refused(position: str) -> None:
    import base64

    text = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text)


def page_request(query: str) -> PageRequest:
    """The page request in a query string."""
    return PageRequest.of(RequestFactory().get(f"/list?{query}").GET)


def test_limits_have_bounds() -> None:
    assert page_request("").limit == 20
    assert page_request("limit=1").limit == 1
    assert page_request(f"limit={MAX_LIMIT}").limit == MAX_LIMIT
    for query in ["limit=0", "limit=101", "limit=1e1", "limit=+5", "limit=５", "limit=%00"]:
        with pytest.raises(BadLimit):
            page_request(query)


@pytest.fixture
def rows(db: None) -> list[int]:
    """The primary keys of six rows, newest first."""
    Group.objects.all().delete()  # migrations make the roles
    return [Group.objects.create(name=str(number)).pk for number in range(6)][::-1]


def page(limit: int, cursor: Cursor = TOP) -> Page[Group]:
    """A page of the rows of the fixture `rows`."""
    return paginate(Group.objects.all(), page=PageRequest(limit=limit, cursor=cursor))


def keys(on: Page[Group]) -> list[int]:
    """The primary keys of the rows on a page."""
    return [row.pk for row in on.results]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
def test_paging_down_and_up_again_returns_every_row_once(rows: list[int], limit: int) -> None:
    current = page(limit)
    assert current.previous is None
    pages = [current]
    while current.next:
        current = page(limit, current.next)
        pages.append(current)
    assert [key for one in pages for key in keys(one)] == rows
    assert all(one.results for one in pages)
    back = [current]
    while current.previous:
        current = page(limit, current.previous)
        back.append(current)
    assert [keys(one) for one in back] == [keys(one) for one in reversed(pages)]


def test_a_new_row_while_paging_repeats_and_hides_no_other(rows: list[int]) -> None:
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


def test_a_page_below_all_rows_is_empty_and_leads_back(rows: list[int]) -> None:
    beyond = page(2, Cursor(before=0))
    assert (beyond.results, beyond.next) == ([], None)
    assert beyond.previous is not None
    assert keys(page(2, beyond.previous)) == rows[-2:]


def test_an_empty_list_has_one_page(db: None) -> None:
    Group.objects.all().delete()
    assert page(2) == Page([], next=None, previous=None, positions=[])
