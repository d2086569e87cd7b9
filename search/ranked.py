"""Pages of a list in order of relevance: the cursor is the place in the list, counted backwards."""

from collections.abc import Sequence
from typing import TypeVar

from chirp.pagination import Cursor, Page, PageRequest

T = TypeVar("T")
TOP = 10_000  # the position of the first entry: more than any list is long


def ranked_page(entries: Sequence[T], page: PageRequest) -> Page[T]:
    """Return one page of a whole list, best entry first."""
    cursor, limit = page.cursor, page.limit
    if cursor.after is not None:
        end = min(max(TOP - cursor.after, 0), len(entries))
        start = max(end - limit, 0)
    else:
        start = 0 if cursor.before is None else max(TOP - cursor.before + 1, 0)
        start = min(start, len(entries))
        end = start + limit
    chosen = entries[start:end]
    return Page(
        chosen,
        next=Cursor(before=TOP - end + 1) if end < len(entries) else None,
        previous=Cursor(after=TOP - start) if start > 0 else None,
    )
