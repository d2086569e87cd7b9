"""Runs pytest, and derives the outcome of a mutant from the result."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS_FOR_A_TEST = 60
TESTS_FAILED = 1  # pytest's exit status; other values mean that the tests could not be run
OPTIONS = ("-x", "-q", "--no-header", "-p", "no:cacheprovider", "--timeout")
ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "COLUMNS": "400",
    "MODEL_SHRINK": "no",  # only whether it fails matters, not the shortest failing steps
}
BROKEN_CODE = re.compile(
    r"(Name|Unbound\w+|Attribute|Type|Import|Syntax|ZeroDivision|Programming)Error"
    r"|script|Wrong number of args"
)
REASON_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest: its exit status (None if it exceeded the time limit)."""

    status: int | None
    output: str

    @property
    def passed(self) -> bool:
        """Whether all tests passed, and none was skipped."""
        return self.status == 0 and "SKIPPED" not in self.output

    @property
    def failure(self) -> tuple[str, str] | None:
        """The test that failed and why, or None."""
        found = re.search(r"^FAILED (\S+)(?: - (.*))?$", self.output, re.MULTILINE)
        return (found.group(1), found.group(2) or "") if found else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a mutant was caught, and by which test, or what went wrong."""

    caught: bool
    by: str


def verdict(run: Run) -> Outcome:
    """The outcome of a mutant after a run of its tests."""
    if run.status == 0:
        return Outcome(False, "SURVIVED")
    if run.status is None:
        return Outcome(True, "the time limit")
    if run.status == TESTS_FAILED and run.failure:
        test, reason = run.failure
        if not BROKEN_CODE.search(reason):
            return Outcome(True, f"{test.replace('/tests/', '/')}: {reason[:REASON_LENGTH]}")
    # Code that does not run at all proves nothing.
    return Outcome(False, f"BROKEN\n{run.output}")


def verdict_of_the_model(run: Run) -> Outcome:
    """The outcome after the model test. A time-out proves nothing, as survivors take long, too."""
    return Outcome(False, "NO VERDICT, too slow") if run.status is None else verdict(run)


def pytest(node_ids: Sequence[str], *, within: Path, seconds: int) -> Run:
    """Run tests in the tree `within` until the first fails, for at most so many seconds."""
    started = subprocess.Popen(
        [sys.executable, "-m", "pytest", *OPTIONS, str(SECONDS_FOR_A_TEST), *node_ids],
        cwd=within,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = started.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        started.send_signal(signal.SIGINT)  # so that it stops its servers
        output, _ = started.communicate()
        return Run(None, output)
    return Run(started.returncode, output)
