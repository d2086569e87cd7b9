"""A fake clock of Postgres for one connection: shifted, or stopped.

Functions with the names of Postgres' own take precedence in the search path of the connection.
Column defaults, which refer to the original functions, still use the real clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SCHEMA = "fake_clock"
INSTALL = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE OR REPLACE FUNCTION {SCHEMA}.clock_timestamp() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS $$ SELECT %(time)s $$;
CREATE OR REPLACE FUNCTION {SCHEMA}.statement_timestamp() RETURNS timestamptz
    LANGUAGE sql STABLE AS $$ SELECT %(time)s $$;
SET search_path = {SCHEMA}, pg_catalog, public;
"""
UNINSTALL = f"RESET search_path; DROP SCHEMA {SCHEMA} CASCADE"


def forget_drawn_ids() -> None:
    """Forget earlier ids, so that the next id follows the clock even if it was set back.

    Call it before and after a test that shifts the clock: sequences are not rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('chirp_id_window', 0)")


def draw_that_number_next(number: int) -> None:
    """Set the last twelve bits of the next id that follows the clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('chirp_id_seq', %s, false)", [number])


@contextmanager
def clock_shows(time: str) -> Iterator[None]:
    """Set the clock of Postgres to `time`, a SQL expression, for this connection."""
    with connection.cursor() as cursor:
        cursor.execute(INSTALL % {"time": time})
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(UNINSTALL)


@contextmanager
def clock_stepped(seconds: float) -> Iterator[None]:
    """Shift the clock of Postgres forward by `seconds`; back, if negative."""
    with clock_shows(f"pg_catalog.statement_timestamp() + interval '{seconds} seconds'"):
        yield
