"""Ids: one space for every process, ordered by time, exact wherever they travel."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chirp import ids

THREADS = 8
EACH = 2_000
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SEQUENCE_BITS = 12


def time_of(id_: int) -> datetime:
    """When an id was drawn, to the millisecond, as chirp/ids.py says that it holds it."""
    return EPOCH + timedelta(milliseconds=id_ >> SEQUENCE_BITS)


def draw_one_by_one(_: int) -> list[int]:
    """Ids as eight requests at once would draw them: each in a statement of its own."""
    try:
        return [ids.draw()[0] for _ in range(EACH)]
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_ids_never_repeat_across_connections() -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        drawn = [id_ for some in pool.map(draw_one_by_one, range(THREADS)) for id_ in some]
    assert len(set(drawn)) == THREADS * EACH


@pytest.mark.django_db(transaction=True)
def test_ids_increase_with_time_on_every_connection() -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for drawn in pool.map(draw_one_by_one, range(THREADS)):
            moments = [time_of(id_) for id_ in drawn]
            assert moments == sorted(moments)


@pytest.mark.django_db
def test_ids_of_one_draw_are_different_and_increase() -> None:
    drawn = ids.draw(3 * 2**SEQUENCE_BITS)
    assert drawn == sorted(set(drawn))


@pytest.mark.django_db
def test_an_id_carries_the_time_at_which_it_was_drawn() -> None:
    before = timezone.now()
    (drawn,) = ids.draw()
    after = timezone.now()
    assert before - timedelta(milliseconds=1) <= time_of(drawn) <= after


@pytest.mark.django_db
def test_ids_are_exact_as_a_double() -> None:
    for drawn in [*ids.draw(1_000), ids.MAX_ID]:
        assert drawn <= ids.MAX_ID < 2**53
        assert int(float(drawn)) == drawn
        assert float(drawn) != float(drawn - 1)


def test_the_ids_last_beyond_2090() -> None:
    assert time_of(ids.MAX_ID).year > 2090


@given(st.integers(min_value=0, max_value=ids.MAX_ID))
def test_it_reads_every_id_that_can_exist(id_: int) -> None:
    assert ids.parse(str(id_)) == id_


@pytest.mark.parametrize(
    "junk",
    [
        *(
            "",
            " ",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "0x10",
            " 7",
            "7 ",
            "7\n",
            "1_000",
            "a",
            "\x00",
            "7\x00",
        ),
        *("٣", "７", "²", "\ud800", str(ids.MAX_ID + 1), str(2**63), "9" * 400),
        *(None, 7, 7.0, True, [], {}, b"7"),
    ],
)
def test_it_reads_nothing_else(junk: object) -> None:
    assert ids.parse(junk) is None
