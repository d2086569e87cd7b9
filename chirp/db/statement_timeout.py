"""How long a statement may run before PostgreSQL ends it, by the kind of process."""

from django.conf import settings
from django.db import Error
from psycopg.errors import QueryCanceled


class _Process:
    part = ""


def process_is(part: str) -> None:
    """Tell the kind of this process and of its later children, for connections made from now on.

    `part` is as for heartbeats: "web", "stream", "worker", "relay" or "scheduler". Management
    commands, migrations among them, have none and no timeout.
    """
    _Process.part = part


def part_of_this_process() -> str:
    """The kind of this process, as `process_is` was told; empty for management commands."""
    return _Process.part


def of_this_process() -> float:
    """The timeout of this process in seconds; 0 for none."""
    return settings.STATEMENT_TIMEOUT_SECONDS.get(_Process.part, 0)


def has_ended(error: BaseException | None) -> bool:
    """Whether an exception means that PostgreSQL ended a statement, because of a timeout mostly."""
    return isinstance(error, Error) and isinstance(error.__cause__, QueryCanceled)
