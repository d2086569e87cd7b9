"""Requests that are counted in advance."""

from collections.abc import Sequence

import pytest

from chirp.limits.advance_counts import AdvanceCounts, Counted

WINDOW = 60


class Counter:
    """Stands for Redis: counts by key, and notes each call."""

    def __init__(self) -> None:
        self.now = 0.0
        self.used: dict[str, int] = {}
        self.calls: list[int] = []

    def __call__(self, keys: Sequence[str], window: int, by: int) -> Counted:
        self.calls.append(by)
        for key in keys:
            self.used[key] = self.used.get(key, 0) + by
        return [(self.used[key], int((window - self.now) * 1000)) for key in keys]


@pytest.fixture
def counter() -> Counter:
    return Counter()


def counts(counter: Counter, most: int = 10) -> AdvanceCounts:
    return AdvanceCounts(counter, most=most, clock=lambda: counter.now)


def test_one_call_counts_for_several_requests(counter: Counter) -> None:
    reads = counts(counter)
    used = [reads.take(("a",), WINDOW, ahead=3)[0][0] for _ in range(7)]
    assert used == [1, 2, 3, 4, 5, 6, 7]
    assert counter.calls == [3, 3, 3]


def test_several_processes_together_reach_a_limit_early_but_never_late(counter: Counter) -> None:
    one, other = counts(counter), counts(counter)
    assert one.take(("a",), WINDOW, ahead=3) == [(1, 60_000)]
    assert other.take(("a",), WINDOW, ahead=3) == [(4, 60_000)]
    assert one.take(("a",), WINDOW, ahead=3) == [(2, 60_000)]


def test_what_was_counted_in_advance_ends_with_its_window(counter: Counter) -> None:
    reads = counts(counter)
    reads.take(("a",), WINDOW, ahead=3)
    counter.now = 59.5
    assert reads.take(("a",), WINDOW, ahead=3) == [(2, 500)]
    counter.now, counter.used = WINDOW, {}
    reads.take(("a",), WINDOW, ahead=3)
    assert counter.calls == [3, 3]


def test_the_clients_that_are_remembered_have_a_limit(counter: Counter) -> None:
    reads = counts(counter, most=1)
    for key in ("a", "b", "a"):
        reads.take((key,), WINDOW, ahead=3)
    assert counter.calls == [3, 3, 3]


def test_an_exact_limit_is_counted_one_by_one(counter: Counter) -> None:
    writes = counts(counter)
    assert [writes.take(("a", "b"), WINDOW, ahead=1) for _ in range(2)] == [
        [(1, 60_000)] * 2,
        [(2, 60_000)] * 2,
    ]
    assert counter.calls == [1, 1]
