"""The slowest statements, from PostgreSQL's extension pg_stat_statements."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from operations import sql

# The orders that a reader can choose, and their columns.
ORDERS = {
    "mean": "mean_exec_time",
    "longest": "max_exec_time",
    "total": "total_exec_time",
    "calls": "calls",
}
SHOWN = 50


class Statement(NamedTuple):
    """A statement of Chirp without its values. Times are in milliseconds."""

    text: str
    calls: int
    rows: int
    total: float
    mean: float
    longest: float

    @property
    def total_seconds(self) -> float:
        """The time of all calls together, in seconds."""
        return self.total / 1000


def are_collected() -> bool:
    """Whether the server collects statistics of statements, and Chirp's role may read them."""
    return bool(_fetch(sql.COLLECTS_STATISTICS)[0][0])


def slowest(*, order: str) -> list[Statement]:
    """The first SHOWN statements in an order of ORDERS, largest first. Needs `are_collected()`."""
    query = sql.SLOWEST_STATEMENTS.format(order=ORDERS[order])
    return [Statement(*row) for row in _fetch(query, [SHOWN])]


def since() -> datetime | None:
    """The time since which statistics are collected. Needs `are_collected()`."""
    found: datetime | None = _fetch(sql.COLLECTED_SINCE)[0][0]
    return found


def _fetch(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
