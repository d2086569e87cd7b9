"""Settings from the environment: accepted values, and errors that name the setting."""

from collections.abc import Callable
from typing import Any

import pytest

from chirp import env

Set = Callable[[str], None]


@pytest.fixture
def set_tried(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets the variable TRIED, and keeps the test's declarations out of the documented settings."""
    monkeypatch.setattr(env, "DECLARED", {})

    def set_variable(value: str) -> None:
        monkeypatch.setenv("TRIED", value)

    return set_variable


def test_an_unset_or_blank_variable_means_the_default(set_tried: Set) -> None:
    assert env.integer("TRIED", 7, "") == 7
    set_tried("   ")
    assert env.integer("TRIED", 7, "") == 7
    assert env.rate("TRIED", "3/s", "") == (3, 1)


def test_a_declaration_records_name_default_and_description(set_tried: Set) -> None:
    env.text("TRIED", "/here", "Where.", doc_default="somewhere")
    assert list(env.DECLARED.values()) == [env.Declared("TRIED", "somewhere", "Where.")]


@pytest.mark.parametrize(("value", "expected"), [("0", 0), ("12", 12), (" 12 ", 12)])
def test_whole_numbers(set_tried: Set, value: str, expected: int) -> None:
    set_tried(value)
    assert env.integer("TRIED", 7, "") == expected


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "1e3", "²", "٣", "9" * 400, "1000000001"])
def test_anything_but_a_whole_number_in_range_is_refused(set_tried: Set, value: str) -> None:
    set_tried(value)
    with pytest.raises(env.BadSetting, match=r"TRIED=.*: expected a whole number from 0 to"):
        env.integer("TRIED", 7, "")


def test_a_number_below_the_minimum_is_refused(set_tried: Set) -> None:
    set_tried("0")
    with pytest.raises(env.BadSetting, match="from 1 to"):
        env.integer("TRIED", 7, "", least=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("True", True), ("YES", True), ("on", True), ("0", False), ("off", False)],
)
def test_booleans(set_tried: Set, value: str, expected: bool) -> None:
    set_tried(value)
    assert env.boolean("TRIED", not expected, "") is expected


@pytest.mark.parametrize("value", ["2", "maybe", "y e s"])
def test_anything_but_a_boolean_is_refused(set_tried: Set, value: str) -> None:
    set_tried(value)
    with pytest.raises(env.BadSetting, match="TRIED"):
        env.boolean("TRIED", False, "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", ["a"]), ("a, b ,c", ["a", "b", "c"]), (",a,,b,", ["a", "b"]), (",", [])],
)
def test_lists(set_tried: Set, value: str, expected: list[str]) -> None:
    set_tried(value)
    assert env.words("TRIED", ["default"], "") == expected


def test_a_choice_ignores_case(set_tried: Set) -> None:
    set_tried("warning")
    assert env.choice("TRIED", "INFO", "", among=("INFO", "WARNING")) == "WARNING"


def test_an_unknown_choice_is_refused(set_tried: Set) -> None:
    set_tried("LOUD")
    with pytest.raises(env.BadSetting, match="one of INFO, WARNING"):
        env.choice("TRIED", "INFO", "", among=("INFO", "WARNING"))


def test_several_words_of_a_few(set_tried: Set) -> None:
    assert env.several("NOT_SET", "", among=("a", "b")) == []
    set_tried("B, a")
    assert env.several("TRIED", "", among=("a", "b")) == ["b", "a"]
    set_tried("a, c")
    with pytest.raises(env.BadSetting, match="some of a, b"):
        env.several("TRIED", "", among=("a", "b"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("300/5m", (300, 300)), ("10/s", (10, 1)), ("1/h", (1, 3600)), ("2/2d", (2, 172_800))],
)
def test_rates(set_tried: Set, value: str, expected: Any) -> None:
    set_tried(value)
    assert env.rate("TRIED", "1/s", "") == expected


def test_a_rate_can_be_off(set_tried: Set) -> None:
    set_tried("OFF")
    assert env.rate("TRIED", "1/s", "") is None


@pytest.mark.parametrize(
    "value", ["10", "10/", "/s", "10/5", "0/s", "10/0s", "-1/s", "10/w", "²/s", "10/²s", "1/1/s"]
)
def test_anything_but_a_rate_is_refused(set_tried: Set, value: str) -> None:
    set_tried(value)
    with pytest.raises(env.BadSetting, match="COUNT/PERIOD"):
        env.rate("TRIED", "1/s", "")
