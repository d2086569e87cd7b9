"""Puts known mistakes into a copy of the checkout, one at a time: a test has to notice each.

    script/mutants [--only DEFECT ...] [--named TEXT] [--with model] [--list]

`--with model` runs, instead of the tests that each mutant names, the model test alone: it has to
find whatever changes a timeline. The copy has everything that git tracks or would track. Exit
status 1 when a mutant survives, when the text that one replaces is gone, or when the tests fail
before anything was changed.
"""

import argparse
import compileall
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from py_compile import PycInvalidationMode

from tools.mutants import DEFECTS, MUTANTS, NOT_YET, UNSEEN, DoesNotFit, Mutant

CHECKOUT = Path(__file__).resolve().parent.parent
MODEL = "timelines/test_model::test_whatever_happens_timelines_are_what_the_definition_says"
SECONDS_FOR_A_TEST = 60
SECONDS_FOR_A_MUTANT = 240
SECONDS_FOR_ALL = 900
SECONDS_FOR_THE_MODEL = 900
MISTAKE_WIDTH = 2 + max(len(mutant.mistake) for mutant in MUTANTS)
TESTS_FAILED = 1  # pytest's exit status; others mean that it could not even run them
NONSENSE = re.compile(
    r"(Name|Unbound\w+|Attribute|Type|Import|Syntax|Programming)Error|script|Wrong number of args"
)
REASON_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: whether it was caught, and by which test, or what went wrong."""

    caught: bool
    by: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest: its exit status (None when it was ended for taking too long)."""

    status: int | None
    output: str

    @property
    def failure(self) -> tuple[str, str] | None:
        """The test that failed and why, or None."""
        found = re.search(r"^FAILED (\S+)(?: - (.*))?$", self.output, re.MULTILINE)
        return (found.group(1), found.group(2) or "") if found else None


def main() -> int:
    """Run the mutants that the command line asks for. The exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", type=int, nargs="+", metavar="DEFECT", choices=sorted(DEFECTS))
    parser.add_argument("--named", default="", metavar="TEXT", help="those whose mistake says so")
    parser.add_argument("--with", dest="model", choices=["model"], help="the model test alone")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    options = parser.parse_args()
    only = set(options.only or DEFECTS)
    chosen = [m for m in MUTANTS if only & set(m.defects) and options.named in m.mistake]
    if options.model:
        chosen = [_for_the_model(mutant) for mutant in chosen]
    if options.list:
        _list(chosen, only)
        return 0
    with tempfile.TemporaryDirectory(prefix="chirp-mutants-") as name:
        copy = Path(name)
        _copy_checkout(copy)
        return _judge(chosen, copy, only)


def _for_the_model(mutant: Mutant) -> Mutant:
    """The same mistake, for the model test to notice."""
    unseen = mutant.unseen
    if set(mutant.defects) <= set(UNSEEN):
        unseen = UNSEEN[mutant.defects[0]]
    return replace(mutant, tests=() if unseen else (MODEL,), unseen=unseen)


def _list(chosen: list[Mutant], only: set[int]) -> None:
    for number in sorted(only):
        print(f"{number}. {DEFECTS[number]}")
        if number in NOT_YET:
            print(f"    {NOT_YET[number]}")
        for mutant in chosen:
            if number in mutant.defects:
                print(f"    {mutant.mistake} ({mutant.file})")


def _copy_checkout(to: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, to / name)
    # Two states of a file within a second have the same time: Python is to go by what is in it.
    compileall.compile_dir(to, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)


def _judge(chosen: list[Mutant], copy: Path, only: set[int]) -> int:
    if chosen and not _passes_unchanged(chosen, copy):
        return 1
    _row("defect", "mutant", "caught by")
    outcomes = [_shown(mutant, copy) for mutant in chosen if mutant.tests]
    for mutant in chosen:
        if not mutant.tests:
            _row(_numbers(mutant), mutant.mistake, f"not for the model test: {mutant.unseen}")
    for number in sorted(only & set(NOT_YET)):
        _row(str(number), "-", NOT_YET[number])
    survivors = sum(not outcome.caught for outcome in outcomes)
    print(f"{len(outcomes) - survivors} of {len(outcomes)} mutants caught")
    return 1 if survivors else 0


def _passes_unchanged(chosen: list[Mutant], copy: Path) -> bool:
    """Whether the tests pass, and none is skipped, as long as nothing is wrong."""
    tests = sorted({test for mutant in chosen for test in mutant.node_ids})
    print(f"{len(tests)} tests without a mutant: ", end="", flush=True)
    run = _pytest(tests, copy, SECONDS_FOR_ALL)
    passed = run.status == 0 and "SKIPPED" not in run.output
    print("passed" if passed else f"NOT PASSED\n{run.output}", flush=True)
    return passed


def _shown(mutant: Mutant, copy: Path) -> Outcome:
    started = time.monotonic()
    outcome = _outcome(mutant, copy)
    seconds = time.monotonic() - started
    _row(_numbers(mutant), mutant.mistake, f"{outcome.by} ({seconds:.0f} s)")
    return outcome


def _numbers(mutant: Mutant) -> str:
    return ", ".join(map(str, mutant.defects))


def _row(defects: str, mistake: str, result: str) -> None:
    print(f"{defects:8}{mistake:{MISTAKE_WIDTH}}{result}", flush=True)


def _outcome(mutant: Mutant, copy: Path) -> Outcome:
    file = copy / mutant.file
    source = file.read_text()
    try:
        file.write_text(mutant.applied(source))
    except DoesNotFit as error:
        return Outcome(False, f"DOES NOT FIT: {error}")
    try:
        if mutant.tests == (MODEL,):
            return _verdict_of_the_model(_pytest(mutant.node_ids, copy, SECONDS_FOR_THE_MODEL))
        return _verdict(_pytest(mutant.node_ids, copy, SECONDS_FOR_A_MUTANT))
    finally:
        file.write_text(source)


def _verdict_of_the_model(run: Run) -> Outcome:
    """As below, but that it takes long says nothing: whoever survives it takes long as well."""
    return Outcome(False, "NO VERDICT, too slow") if run.status is None else _verdict(run)


def _verdict(run: Run) -> Outcome:
    if run.status == 0:
        return Outcome(False, "SURVIVED")
    if run.status is None:
        return Outcome(True, "the time limit")
    if run.status == TESTS_FAILED and run.failure:
        test, reason = run.failure
        if not NONSENSE.search(reason):
            return Outcome(True, f"{test.replace('/tests/', '/')}: {reason[:REASON_LENGTH]}")
    # Code that does not even run proves nothing.
    return Outcome(False, f"BROKEN\n{run.output}")


def _pytest(tests: Sequence[str], copy: Path, seconds: int) -> Run:
    """Run tests in the copy, until the first fails."""
    options = ["-x", "-q", "--no-header", "--timeout", str(SECONDS_FOR_A_TEST)]
    started = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", *tests],
        cwd=copy,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "400",
            "MODEL_SHRINK": "no",  # whether it fails is all that matters, not the shortest steps
        },
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


if __name__ == "__main__":
    sys.exit(main())
