"""Pages of lists, by `max_id`, `since_id` and `min_id`, and the `Link` header between them.

`max_id` means strictly below, `since_id` strictly above and the newest of them, `min_id` strictly
above and those next to it. All are positions in the list: for tweets their ids, for other lists
what the rows have.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from chirp.pagination import Cursor, Page, PageRequest
from mastodon.calls import Call
from mastodon.params import Params
from mastodon.replies import Reply

T = TypeVar("T")
CURSORS = ("max_id", "since_id", "min_id")
POSITION = re.compile(r"[0-9]{1,19}", re.ASCII)
MAX_POSITION = 2**63 - 1
# A page of a list from which much is hidden may be short. Clients take an empty one for the end.
MAX_READS = 5


class Fetch(Protocol[T]):
    """Reads one page of a list."""

    def __call__(self, *, page: PageRequest) -> Page[T]:
        """The page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list a request wants."""

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @classmethod
    def of(cls, params: Params, *, default: int = 20, most: int = 40) -> "Wanted":
        """Read the parameters. What is no number counts as missing."""
        limit = params.number("limit", default, least=1, most=most)
        return cls(limit, *(_position(params, name) for name in CURSORS))


def _position(params: Params, name: str) -> int | None:
    value = str(params.values.get(name, ""))
    return min(int(value), MAX_POSITION) if POSITION.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Entries of a list, newest first, and the positions for the pages around them."""

    entries: Sequence[T]
    max_id: int | None = None  # of the next page
    min_id: int | None = None  # of the previous page


def read(fetch: Fetch[T], wanted: Wanted) -> Part[T]:
    """Return the wanted part of a list. A page is filled past entries that are hidden."""
    return _above(fetch, wanted) if wanted.min_id is not None else _below(fetch, wanted)


def _below(fetch: Fetch[T], wanted: Wanted) -> Part[T]:
    """The newest entries below `max_id` and above `since_id`."""
    found: list[tuple[int, T]] = []
    since, next_ = wanted.since_id or -1, wanted.max_id
    for _ in range(MAX_READS):
        cursor = Cursor(before=next_) if next_ is not None else Cursor()
        page = fetch(page=PageRequest(wanted.limit - len(found), cursor))
        rows = _with_positions(page)
        found += [row for row in rows if row[0] > since]
        next_ = page.next.before if page.next else None
        if next_ is None or next_ <= since + 1 or len(found) >= wanted.limit:
            break
    is_cut = next_ is not None and next_ <= since + 1
    return Part(
        [entry for _, entry in found],
        max_id=None if is_cut or (rows and rows[-1][0] <= since) else next_,
        min_id=found[0][0] if found else None,
    )


def _above(fetch: Fetch[T], wanted: Wanted) -> Part[T]:
    """The entries next above `min_id`, and below `max_id`."""
    below = MAX_POSITION + 1 if wanted.max_id is None else wanted.max_id
    found: list[tuple[int, T]] = []
    after, next_ = wanted.min_id, None
    for _ in range(MAX_READS):
        page = fetch(page=PageRequest(wanted.limit - len(found), Cursor(after=after)))
        rows = _with_positions(page)
        if not found:
            next_ = page.next
        found = [row for row in rows if row[0] < below] + found
        after = page.previous.after if page.previous else None
        if after is None or after >= below - 1 or len(found) >= wanted.limit:
            break
    return Part(
        [entry for _, entry in found],
        max_id=found[-1][0] if found and next_ else None,
        min_id=found[0][0] if found else None,
    )


def _with_positions(page: Page[Any]) -> list[tuple[int, Any]]:
    """The entries with their positions; without any, these are their ids."""
    positions = page.positions or [entry.id for entry in page.results]
    return list(zip(positions, page.results, strict=True))


def listing(
    call: Call,
    fetch: Fetch[T],
    present: Callable[[Sequence[T]], Any],
    *,
    default: int = 20,
    most: int = 40,
) -> Reply:
    """Reply with the part of a list that the request wants."""
    part = read(fetch, Wanted.of(call.params, default=default, most=most))
    return Reply(present(part.entries), headers=links(call, part))


def links(call: Call, part: Part[Any]) -> dict[str, str]:
    """Return the `Link` header: the next page first, as some clients expect it."""
    found = []
    if part.max_id is not None and part.max_id > 0:
        found.append(f'<{_address(call, "max_id", part.max_id)}>; rel="next"')
    if part.min_id is not None:
        found.append(f'<{_address(call, "min_id", part.min_id)}>; rel="prev"')
    return {"Link": ", ".join(found)} if found else {}


def _address(call: Call, name: str, position: int) -> str:
    """The address of another page, with all other parameters of this one."""
    others = [
        (key, value)
        for key, values in call.request.GET.lists()
        if key not in CURSORS
        for value in values
    ]
    query = urlencode([*others, (name, position)])
    return f"{call.base}{call.request.path}?{query}"
