"""Small charts: what is drawn, and what is said."""

import math

from hypothesis import given
from hypothesis import strategies as st

from operations.charts import Chart, chart, nice


def drawn(*values: float | None, top: float | None = None, alarm: float = math.inf) -> Chart:
    return chart(values, show=lambda value: f"{value:g}", top=top, alarm=alarm)


def test_a_line_goes_from_left_to_right_and_up() -> None:
    assert drawn(0, 5, 10).line == "M0 100L1 50L2 0"
    assert drawn(0, 5, 10).area == "M0 100L1 50L2 0L2 100L0 100Z"


def test_a_gap_is_a_gap_and_one_missing_moment_is_none() -> None:
    assert drawn(1, None, 1).line == "M0 0L2 0"
    assert drawn(1, None, None, 1).line == "M0 0h0 M3 0h0"
    assert drawn(1, None, None, 1).area == ""


def test_nothing_known_is_an_empty_chart() -> None:
    found = drawn(None, None)
    assert (found.line, found.peak, found.last, found.alarm) == ("", "", "", False)


def test_the_newest_value_is_told_unless_it_is_old() -> None:
    assert drawn(7, 3, None, None).last == "3"
    assert drawn(7, None, None, None).last == ""
    assert drawn(7, 3).peak == "7"


def test_only_the_newest_value_alarms() -> None:
    assert drawn(1, 10, alarm=10).alarm
    assert not drawn(10, 9, alarm=10).alarm


def test_a_fixed_scale_is_not_left() -> None:
    assert drawn(50, 200, top=100).line == "M0 50L1 0"


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_the_scale_holds_the_largest_value_and_not_much_more(value: float) -> None:
    assert value <= nice(value) <= 2.5 * value * (1 + 1e-9)
