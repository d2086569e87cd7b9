"""What makes `script/chaos` fail, and what does not."""

from collections import Counter

import pytest

from tools.chaos.faults import EVERYTHING, Fault, store_killed
from tools.chaos.load import WRITING, Log
from tools.chaos.table import text
from tools.chaos.trial import Result

QUIET = Log(Counter({("home", "fine"): 9, ("post", "fine"): 9}), {"home": [0.05], "post": [0.1]})


def result(during: Log = QUIET, *, heal: float | None = 1.0, **fault: object) -> Result:
    """What a fault did that was like this."""
    return Result(Fault("fault", store_killed, 1.0, **fault), QUIET, during, heal=heal)  # type: ignore[arg-type]


def answered(kind: str, outcome: str) -> Log:
    """A phase with one such answer."""
    return Log(QUIET.answers + Counter({(kind, outcome): 1}), QUIET.waits, strange=["what it was"])


def test_a_fault_that_nobody_noticed_is_well() -> None:
    assert result().complaints == []
    assert "WRONG" not in text(result())


@pytest.mark.parametrize("outcome", ["failed", "cut", "strange"])
@pytest.mark.parametrize("kind", ["home", "post"])
def test_no_answer_may_be_other_than_fine(kind: str, outcome: str) -> None:
    assert len(result(answered(kind, outcome)).complaints) == 1


def test_what_cannot_go_on_may_be_refused_and_nothing_else() -> None:
    assert result(answered("post", "failed"), fails=WRITING).complaints == []
    assert result(answered("home", "failed"), fails=WRITING).complaints != []
    assert result(answered("home", "failed"), fails=EVERYTHING).complaints == []
    assert result(answered("home", "strange"), fails=EVERYTHING).complaints == ["what it was"]


def test_connections_to_a_killed_process_may_break() -> None:
    assert result(answered("post", "cut"), cuts=1).complaints == []


@pytest.mark.parametrize(
    ("seconds", "times", "well"), [(0.65, 9, True), (0.75, 2, True), (0.75, 3, False)]
)
def test_answers_may_take_half_a_second_and_twice_what_they_took_before(
    seconds: float, times: int, well: bool
) -> None:
    slow = Log(QUIET.answers, {"home": [0.01], "post": [seconds] * times})
    assert (result(slow).complaints == []) is well


def test_a_busy_machine_is_no_fault() -> None:
    slow = Log(QUIET.answers, {"home": [0.01], "post": [1.2] * 9}, stall=0.8)
    assert result(slow).complaints == []


def test_what_is_lost_differs_or_does_not_heal_is_wrong() -> None:
    assert result(heal=None).complaints == ["It does not heal."]
    for name in ("lost", "differing"):
        broken = result()
        setattr(broken, name, ["this"])
        assert broken.complaints == ["this"]
        assert "WRONG: this" in text(broken)


def test_a_fault_that_left_no_trace_proves_nothing() -> None:
    idle = result()
    idle.did_not_bite = "Nothing was refused."
    assert idle.complaints == ["Nothing was refused."]


def test_a_fault_that_is_impossible_here_says_so() -> None:
    absent = result(heal=None)
    absent.not_here = "It is not installed."
    assert absent.complaints == []
    assert "NOT POSSIBLE HERE: It is not installed." in text(absent)
