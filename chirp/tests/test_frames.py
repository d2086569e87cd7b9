"""The frames of deep calls need no memory that comes and goes with each call."""

import resource
import threading
from collections.abc import Callable

from chirp.frames import in_one_piece

DEPTHS = 400  # of calls, more than a request has
CALLS = 500


def leaf() -> int:
    one = two = three = four = 1
    return one + two + three + four


def faults_of_a_loop() -> int:
    """How many pages of memory a loop of calls gets anew."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(CALLS):
        leaf()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def faults_at(depth: int) -> int:
    return faults_at(depth - 1) if depth else faults_of_a_loop()


def borders() -> int:
    """At how many depths each call of a loop needs memory of its own."""
    return sum(faults_at(depth) >= CALLS for depth in range(DEPTHS))


def in_a_thread(work: Callable[[], int]) -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_no_call_meets_a_border() -> None:
    assert in_a_thread(borders) > 0, "there is nothing to prevent"
    assert in_a_thread(lambda: in_one_piece(borders)) == 0
