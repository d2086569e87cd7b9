"""Prints which of some Pythons to use. It runs before there is a virtual environment."""

import subprocess
import sys

CODE = """
import sys, time

def work():
    started = time.process_time()
    found = {}
    for number in range(40_000):
        found[number % 1000] = sorted([str(number), "b", "a"])
    return time.process_time() - started

print(sys.version_info[:2], min(work() for _ in range(7)), sep="\\t")
"""


def measure(python: str) -> tuple[str, float]:
    """The version of a Python, and the CPU seconds that it needs for CODE."""
    done = subprocess.run([python, "-c", CODE], capture_output=True, text=True, check=True)
    version, seconds = done.stdout.split("\t")
    return version, float(seconds)


def choose(pythons: list[str]) -> str:
    """The first, or another build of the same version that needs less than nine tenths of it."""
    version, first = measure(pythons[0])
    others = {python: measure(python) for python in pythons[1:]}
    fast = [
        (seconds, python)
        for python, (same, seconds) in others.items()
        if same == version and seconds < 0.9 * first
    ]
    return min(fast)[1] if fast else pythons[0]


if __name__ == "__main__":
    print(choose(sys.argv[1:]))
