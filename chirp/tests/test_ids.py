"""Ids: unique across processes, ordered by time, exact in every representation."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chirp import ids
from tests.helpers.clock import clock_shows, clock_stepped, draw_that_number_next, forget_drawn_ids
from tests.helpers.faults import embedded_servers, without

THREADS = 8
EACH = 2_000
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SEQUENCE_BITS = 12
HOUR = 3600
AN_HOUR_AHEAD = "SELECT setval('chirp_id_window', (chirp_id_ms() + 3600000) >> 5)"


def time_of(id_: int) -> datetime:
    """When an id was drawn, to the millisecond: see chirp/ids.py."""
    return EPOCH + timedelta(milliseconds=id_ >> SEQUENCE_BITS)


def draw_one_by_one(_: int) -> list[int]:
    """Draw ids like one of many concurrent requests: each in its own statement."""
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


# --- When the clock steps back -------------------------------------------------------------------


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def steps(transactional_db: None) -> Iterator[None]:
    """For tests in which the clock of Postgres steps. Hides that from all other tests."""
    forget_drawn_ids()
    yield
    forget_drawn_ids()


def draw_at(moment: datetime) -> int:
    """An id that is drawn when the clock shows exactly this time."""
    with clock_shows(f"timestamptz '{moment.isoformat()}'"):
        return ids.draw()[0]


@pytest.mark.usefixtures("steps")
def test_the_same_millisecond_and_number_twice_are_two_ids() -> None:
    noon = timezone.now()
    draw_that_number_next(7)
    first = draw_at(noon)
    later = draw_at(noon + timedelta(seconds=10))
    draw_that_number_next(7)
    again = draw_at(noon)
    assert time_of(first) <= noon < time_of(later) < time_of(again)
    caught_up = [draw_at(noon + timedelta(seconds=10, milliseconds=more)) for more in (0, 40)]
    assert [first, later, again, *caught_up] == sorted({first, later, again, *caught_up})


@pytest.mark.usefixtures("steps")
def test_ids_continue_upwards_until_the_clock_has_caught_up() -> None:
    with clock_stepped(HOUR):
        (ahead,) = ids.draw()
    drawn = [ahead, *ids.draw(5_000), *ids.draw(5_000)]
    assert drawn == sorted(set(drawn))
    assert time_of(drawn[-1]) - time_of(ahead) < timedelta(seconds=1), "they grow only slowly"
    with clock_stepped(2 * HOUR):
        (caught_up,) = ids.draw()
        assert caught_up > drawn[-1]
        clock = timezone.now() + timedelta(hours=2)
        assert abs(time_of(caught_up) - clock) < timedelta(minutes=1)


@pytest.mark.usefixtures("steps")
def test_ids_increase_however_the_clock_steps() -> None:
    dice, moment = random.Random(1), timezone.now()
    drawn = []
    for _ in range(300):
        moment += timedelta(seconds=dice.choice([-HOUR, -10, -1, -0.2, 0.01, 0.1, 5, HOUR]))
        drawn.append(draw_at(moment))
    assert drawn == sorted(set(drawn))


@pytest.mark.usefixtures("steps")
def test_ids_never_repeat_across_connections_after_a_step() -> None:
    execute(AN_HOUR_AHEAD)
    with ThreadPoolExecutor(THREADS) as pool:
        each = list(pool.map(draw_one_by_one, range(THREADS)))
    drawn = [id_ for some in each for id_ in some]
    assert len(set(drawn)) == THREADS * EACH
    assert all(some == sorted(some) for some in each)
    assert time_of(min(drawn)) > timezone.now() + timedelta(minutes=59)


@pytest.mark.usefixtures("steps")
def test_drawn_ids_are_known_after_a_crash() -> None:
    execute("SET synchronous_commit TO on")  # as on a real site, where a post waits for the disk
    with clock_stepped(HOUR):
        (ahead,) = ids.draw()
    (behind,) = ids.draw()
    with without(embedded_servers().postgres, kill=True):
        pass
    assert ahead < behind < ids.draw()[0]


@pytest.mark.usefixtures("steps")
def test_drawing_does_not_wait_for_an_open_transaction_that_drew() -> None:
    def draw_or_time_out() -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return ids.draw()[0]
        finally:
            connection.close()

    for prepare in (forget_drawn_ids, lambda: execute(AN_HOUR_AHEAD)):
        prepare()
        with transaction.atomic(), ThreadPoolExecutor(1) as pool:
            (ours,) = ids.draw()
            assert pool.submit(draw_or_time_out).result() > ours - 2**SEQUENCE_BITS


# --- Of the past ---------------------------------------------------------------------------------


@given(st.lists(st.floats(min_value=1_136_073_600, max_value=3_000_000_000), min_size=1))
def test_ids_of_the_past_are_in_the_order_of_their_moments(moments: list[float]) -> None:
    moments.sort()
    for moment, id_ in zip(moments, ids.of_the_past(moments), strict=True):
        assert ids.at(moment) <= id_ < ids.at(moment + 0.001) <= ids.MAX_ID
        assert abs(ids.ms_of(id_) / 1000 - moment) <= 0.002
    assert [ids.at(moment) for moment in moments] == sorted(map(ids.at, moments))


def test_what_is_older_than_2006_is_as_of_then() -> None:
    assert ids.at(0) == ids.at(datetime(2006, 1, 1, tzinfo=UTC).timestamp()) == 0


# --- As text -------------------------------------------------------------------------------------


def test_ids_last_beyond_2090() -> None:
    assert time_of(ids.MAX_ID).year > 2090


@given(st.integers(min_value=0, max_value=ids.MAX_ID))
def test_every_possible_id_is_parsed(id_: int) -> None:
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
def test_anything_else_is_not_parsed(junk: object) -> None:
    assert ids.parse(junk) is None
