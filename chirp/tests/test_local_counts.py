"""Limits while Redis is away."""

from chirp.limits.local_counts import LocalCounts


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_begins_with_its_first_request_and_ends() -> None:
    clock = Clock()
    counts = LocalCounts(clock=clock)
    assert counts.count("a", 60) == (1, 60_000)
    clock.now += 20
    assert counts.count("a", 60) == (2, 40_000)
    assert counts.count("b", 60) == (1, 60_000)
    clock.now += 40
    assert counts.count("a", 60) == (1, 60_000)


def test_it_does_not_grow_without_end() -> None:
    counts = LocalCounts(most=3)
    for key in "abcd":
        counts.count(key, 60)
    assert counts.count("a", 60)[0] == 1
    assert counts.count("d", 60)[0] == 2
