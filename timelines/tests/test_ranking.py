"""The formula of the ranked home."""

import math

import pytest

from timelines.ranking import AFFINITY_MOST, Factors, in_words, parts


def score(actions: int = 0, marks: int = 0, age_hours: float = 0.0) -> float:
    return Factors(actions, marks, age_hours).score


def test_each_factor_moves_the_score_in_its_direction() -> None:
    assert score() == 1
    assert score(actions=10) > score(actions=3) > score(actions=0)
    assert score(marks=4) > score(marks=1) > score()
    assert score(age_hours=1) > score(age_hours=2) > score(age_hours=60) > 0


def test_freshness_is_a_half_after_four_hours_and_a_tenth_after_28() -> None:
    assert round(score(age_hours=4), 3) == 0.5
    assert round(score(age_hours=28), 1) == 0.1


def test_affinity_is_bounded_and_a_clock_that_steps_back_is_no_boost() -> None:
    assert score(marks=10) == score(marks=1000) == 1 + AFFINITY_MOST
    assert score(age_hours=-3) == 1


def test_what_weighs_most_is_named_first() -> None:
    def said(actions: int, marks: int, age_hours: float) -> tuple[str, ...]:
        return in_words(Factors(actions, marks, age_hours, 1), {1: "alice"})

    assert said(100, 5, 1) == (
        "100 likes, reposts and answers",
        "You often like or answer @alice",
        "It is new",
    )
    assert said(1, 2, 30)[0] == "1 like, repost or answer"
    assert said(1, 9, 30)[0] == "You often like or answer @alice"
    assert said(0, 0, 30) == ("Nothing moved it up",)


def test_all_parts_make_the_score() -> None:
    found = Factors(9, 2, 30, 1)
    named = parts(found, {1: "alice"})
    assert math.prod(part.factor for part in named) == pytest.approx(found.score)
    assert [part.raises for part in named] == [True, True, False]
    assert [part.text for part in parts(Factors(0, 0, 72), {})] == [
        "It is yours",
        "No likes, reposts and answers by others yet",
        "It is 3 days old",
    ]
