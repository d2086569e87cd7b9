"""The verdicts of `script/chaos`: which results count as failures."""

from collections import Counter

import pytest

from tools.chaos.faults import EVERYTHING, Fault, store_killed
from tools.chaos.load import WRITING, Log
from tools.chaos.table import text
from tools.chaos.trial import Result

QUIET = Log(Counter({("home", "fine"): 9, ("post", "fine"): 9}), {"home": [0.05], "post": [0.1]})


def result(during: Log = QUIET, *, heal: float | None = 1.0, **fault: object) -> Result:
    """The result of a fault with these properties."""
    return Result(Fault("fault", store_killed, 1.0, **fault), QUIET, during, heal=heal)  # type: ignore[arg-type]


def answered(kind: str, outcome: str) -> Log:
    """The log of a phase with one such response."""
    return Log(QUIET.answers + Counter({(kind, outcome): 1}), QUIET.waits, strange=["what it was"])


def test_a_fault_without_effects_is_no_failure() -> None:
    assert result().problems == []
    assert "WRONG" not in text(result())


@pytest.mark.parametrize("outcome", ["failed", "cut", "strange"])
@pytest.mark.parametrize("kind", ["home", "post"])
def test_any_bad_response_is_a_failure(kind: str, outcome: str) -> None:
    assert len(result(answered(kind, outcome)).problems) == 1


def test_only_requests_that_a_fault_affects_may_fail() -> None:
    assert result(answered("post", "failed"), fails=WRITING).problems == []
    assert result(answered("home", "failed"), fails=WRITING).problems != []
    assert result(answered("home", "failed"), fails=EVERYTHING).problems == []
    assert result(answered("home", "strange"), fails=EVERYTHING).problems == ["what it was"]


def test_connections_to_a_killed_process_may_break() -> None:
    assert result(answered("post", "cut"), cuts=1).problems == []


@pytest.mark.parametrize(
    ("seconds", "times", "well"), [(0.65, 9, True), (0.75, 2, True), (0.75, 3, False)]
)
def test_responses_may_take_half_a_second_more_than_twice_the_earlier_time(
    seconds: float, times: int, well: bool
) -> None:
    slow = Log(QUIET.answers, {"home": [0.01], "post": [seconds] * times})
    assert (result(slow).problems == []) is well


def test_delays_of_a_busy_machine_are_no_failure() -> None:
    slow = Log(QUIET.answers, {"home": [0.01], "post": [1.2] * 9}, stall=0.8)
    assert result(slow).problems == []


def test_a_loss_that_is_expected_is_reported_and_no_failure() -> None:
    lossy = result(loses=True)
    lossy.expected = ["this", "that"]
    assert lossy.problems == []
    assert "WRONG" not in text(lossy)
    assert "EXPECTED: " in text(lossy)
    assert "2 of them" in text(lossy)
    lossy.lost = ["a post that is there twice"]
    assert lossy.problems == ["a post that is there twice"]


def test_losses_differences_and_lasting_faults_are_failures() -> None:
    assert result(heal=None).problems == ["It does not heal."]
    for name in ("lost", "differing"):
        broken = result()
        setattr(broken, name, ["this"])
        assert broken.problems == ["this"]
        assert "WRONG: this" in text(broken)


def test_a_fault_that_had_no_effect_is_a_failure() -> None:
    ineffective = result()
    ineffective.no_effect = "Nothing was refused."
    assert ineffective.problems == ["Nothing was refused."]


def test_an_impossible_fault_is_reported_and_no_failure() -> None:
    impossible = result(heal=None)
    impossible.not_possible = "It is not installed."
    assert impossible.problems == []
    assert "NOT POSSIBLE HERE: It is not installed." in text(impossible)
