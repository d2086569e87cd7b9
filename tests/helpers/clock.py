"""The clock of Postgres as one connection sees it, for tests: stepped, or standing still.

Functions of the same names stand before Postgres' own in the connection's search path. What is
compiled into tables (the defaults of columns) goes on by the real clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SCHEMA = "another_clock"
MAKE = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE OR REPLACE FUNCTION {SCHEMA}.clock_timestamp() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS $$ SELECT %(time)s $$;
CREATE OR REPLACE FUNCTION {SCHEMA}.statement_timestamp() RETURNS timestamptz
    LANGUAGE sql STABLE AS $$ SELECT %(time)s $$;
SET search_path = {SCHEMA}, pg_catalog, public;
"""
FORGET = f"RESET search_path; DROP SCHEMA {SCHEMA} CASCADE"


def forget_drawn_ids() -> None:
    """As if nobody had ever drawn an id: the next one is by the clock, whatever it shows.

    Before and after a test in which the clock steps. Sequences are not rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('chirp_id_window', 0)")


def draw_that_number_next(number: int) -> None:
    """Let the last twelve bits of the next id that is drawn by the clock be this number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('chirp_id_seq', %s, false)", [number])


@contextmanager
def clock_shows(time: str) -> Iterator[None]:
    """Let Postgres' clock show `time` (an expression in SQL) to this connection."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE % {"time": time})
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(FORGET)


@contextmanager
def clock_stepped(seconds: float) -> Iterator[None]:
    """Let it be so many seconds ahead; behind, if negative."""
    with clock_shows(f"pg_catalog.statement_timestamp() + interval '{seconds} seconds'"):
        yield
