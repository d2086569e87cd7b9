"""Cursor pagination: `?limit=` and an opaque `?cursor=`, the same for every list.

A cursor is a position in a list in descending order of a whole number. It selects the rows just
below the position (`next`) or just above it (`previous`). It holds no secret, and is validated when
a client sends it back.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from chirp.errors import ChirpError
from chirp.texts import text as _

T = TypeVar("T")
M = TypeVar("M", bound=Model)
DEFAULT_LIMIT = 20
MAX_LIMIT = 100
NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)
CURSOR = re.compile(r"([ab])(0|[1-9][0-9]{0,18})", re.ASCII)


class BadCursor(ChirpError):
    """The cursor is not one that `Cursor.encode` returns."""

    message = _("This cursor is not valid.")
    field = "cursor"


class BadLimit(ChirpError):
    """The limit is not a whole number from 1 to MAX_LIMIT."""

    message = _("Must be a whole number from 1 to %(max_limit)s.", max_limit=MAX_LIMIT)
    field = "limit"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a descending list: strictly `before` (below) or `after` (above) a number."""

    before: int | None = None
    after: int | None = None

    def encode(self) -> str:
        """Return the opaque form, for URLs."""
        position = f"b{self.before}" if self.before is not None else f"a{self.after}"
        return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Parse the opaque form. Raises BadCursor for anything that `encode` does not return."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            match = CURSOR.fullmatch(raw.decode("ascii"))
        except (binascii.Error, ValueError):
            raise BadCursor from None
        if match is None or int(match[2]) >= 2**63:
            raise BadCursor
        cursor = cls(before=int(match[2])) if match[1] == "b" else cls(after=int(match[2]))
        if cursor.encode() != text:
            raise BadCursor
        return cursor


TOP = Cursor()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some entries, newest first, and the cursors of the next and the previous page.

    `positions` are those of the entries in the list, where the list is not in the order of ids.
    """

    results: Sequence[T]
    next: Cursor | None = None
    previous: Cursor | None = None
    positions: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is requested."""

    limit: int = DEFAULT_LIMIT
    cursor: Cursor = TOP

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "PageRequest":
        """Read `limit` and `cursor` from a query string. Raises BadLimit or BadCursor."""
        limit = parameters.get("limit")
        cursor = parameters.get("cursor")
        return cls(
            limit=DEFAULT_LIMIT if limit is None else _limit(limit),
            cursor=TOP if cursor is None else Cursor.decode(cursor),
        )


def _limit(text: str) -> int:
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadLimit
    return int(text)


def paginate(
    queryset: QuerySet[M],
    *,
    page: PageRequest,
) -> Page[M]:
    """Return one page of `queryset`, in descending order of its whole-number primary key."""
    cursor, limit = page.cursor, page.limit
    if cursor.after is not None:
        rows = list(queryset.filter(pk__gt=cursor.after).order_by("pk")[: limit + 1])
        more_above, more_below = len(rows) > limit, True
        rows = rows[:limit][::-1]
    else:
        below = {} if cursor.before is None else {"pk__lt": cursor.before}
        rows = list(queryset.filter(**below).order_by("-pk")[: limit + 1])
        more_above, more_below = cursor.before is not None, len(rows) > limit
        rows = rows[:limit]
    return Page(
        rows,
        next=_below(rows, cursor) if more_below else None,
        previous=_above(rows, cursor) if more_above else None,
        positions=[int(row.pk) for row in rows],
    )


def _below(rows: list[M], cursor: Cursor) -> Cursor:
    return Cursor(before=int(rows[-1].pk) if rows else (cursor.after or 0) + 1)


def _above(rows: list[M], cursor: Cursor) -> Cursor:
    return Cursor(after=int(rows[0].pk) if rows else max((cursor.before or 0) - 1, 0))
