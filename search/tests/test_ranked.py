"""Pages of lists in order of relevance."""

import pytest

from chirp.pagination import Cursor, PageRequest
from search.ranked import ranked_page


@pytest.mark.parametrize("length", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_down_and_up_hold_the_whole_list(length: int, limit: int) -> None:
    entries = list(range(length))
    page = ranked_page(entries, PageRequest(limit=limit))
    down, pages = list(page.results), [list(page.results)]
    assert page.previous is None
    while page.next:
        page = ranked_page(entries, PageRequest(limit=limit, cursor=page.next))
        assert page.results
        down += page.results
        pages.append(list(page.results))
    assert down == entries
    while page.previous:
        page = ranked_page(entries, PageRequest(limit=limit, cursor=page.previous))
        pages.pop()
        assert list(page.results) == pages[-1]


def test_any_cursor_is_a_page() -> None:
    for cursor in (Cursor(before=0), Cursor(before=2**62), Cursor(after=0), Cursor(after=2**62)):
        page = ranked_page([1, 2, 3], PageRequest(limit=2, cursor=cursor))
        assert len(page.results) <= 2
        for other in filter(None, (page.next, page.previous)):
            assert Cursor.decode(other.encode()) == other
