"""Small charts: paths, scale, labels and alarms."""

import math

from hypothesis import given
from hypothesis import strategies as st

from operations.charts import Chart, chart, round_up


def draw(*values: float | None, maximum: float | None = None, alarm_at: float = math.inf) -> Chart:
    return chart(values, format_value=lambda v: f"{v:g}", maximum=maximum, alarm_at=alarm_at)


def test_a_line_goes_from_left_to_right_and_up() -> None:
    assert draw(0, 5, 10).line == "M0 100L1 50L2 0"
    assert draw(0, 5, 10).area == "M0 100L1 50L2 0L2 100L0 100Z"


def test_a_line_is_broken_by_two_missing_values_and_not_by_one() -> None:
    assert draw(1, None, 1).line == "M0 0L2 0"
    assert draw(1, None, None, 1).line == "M0 0h0 M3 0h0"
    assert draw(1, None, None, 1).area == ""


def test_without_values_the_chart_is_empty() -> None:
    found = draw(None, None)
    assert (found.line, found.peak, found.last, found.alarm) == ("", "", "", False)


def test_the_newest_value_is_shown_unless_it_is_old() -> None:
    assert draw(7, 3, None, None).last == "3"
    assert draw(7, None, None, None).last == ""
    assert draw(7, 3).peak == "7"


def test_only_the_newest_value_raises_an_alarm() -> None:
    assert draw(1, 10, alarm_at=10).alarm
    assert not draw(10, 9, alarm_at=10).alarm


def test_values_above_a_fixed_scale_are_clipped() -> None:
    assert draw(50, 200, maximum=100).line == "M0 50L1 0"


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_the_scale_is_at_least_the_value_and_not_much_more(value: float) -> None:
    assert value <= round_up(value) <= 2.5 * value * (1 + 1e-9)
