"""Applies known mistakes to a copy of the checkout, one at a time: a test has to detect each.

    script/mutants [--only DEFECT ...] [--named TEXT] [--with model] [--list]

`--with model` runs the model test instead of the tests that each mutant names: it has to detect all
mutants that change a timeline. The copy has all tracked files, and untracked ones that are not
ignored. The exit status is 1 if a mutant survives or does not fit the code, or if the tests fail
without a mutant.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tools.mutants import DEFECTS, MUTANTS, NOT_YET, UNSEEN
from tools.mutants.checkout import copy_to
from tools.mutants.mutant import Mutant
from tools.mutants.runs import Outcome
from tools.mutants.trial import MODEL, Trial

MISTAKE_WIDTH = 2 + max(len(mutant.mistake) for mutant in MUTANTS)


def main() -> int:
    """Run the chosen mutants, and return the exit status."""
    options = _options()
    only = set(options.only or DEFECTS)
    chosen = [m for m in MUTANTS if only & set(m.defects) and options.named in m.mistake]
    if options.model:
        chosen = [_for_the_model(mutant) for mutant in chosen]
    if options.list:
        _list(chosen, only)
        return 0
    with tempfile.TemporaryDirectory(prefix="chirp-mutants-") as name:
        copy_to(Path(name))
        return _judge(chosen, Trial(Path(name)), only)


def _options() -> argparse.Namespace:
    what = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(prog="script/mutants", description=what)
    parser.add_argument("--only", type=int, nargs="+", metavar="DEFECT", choices=sorted(DEFECTS))
    parser.add_argument(
        "--named", default="", metavar="TEXT", help="mutants whose mistake contains TEXT"
    )
    parser.add_argument("--with", dest="model", choices=["model"], help="run only the model test")
    parser.add_argument("--list", action="store_true", help="list the mutants and exit")
    return parser.parse_args()


def _for_the_model(mutant: Mutant) -> Mutant:
    """The same mutant, to be detected by the model test."""
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
                print(f"    {mutant.mistake} ({mutant.target})")


def _judge(chosen: list[Mutant], trial: Trial, only: set[int]) -> int:
    """Try the mutants and print a table of the outcomes. Returns the exit status."""
    fitting = [mutant for mutant in chosen if not trial.misfit(mutant)]
    if fitting and not _passes_unchanged(fitting, trial):
        return 1
    _row("defect", "mutant", "caught by")
    outcomes = [_try_and_print(mutant, trial) for mutant in chosen if mutant.tests]
    for mutant in chosen:
        if not mutant.tests:
            _row(_numbers(mutant), mutant.mistake, f"not for the model test: {mutant.unseen}")
    for number in sorted(only & set(NOT_YET)):
        _row(str(number), "-", NOT_YET[number])
    survivors = sum(not outcome.caught for outcome in outcomes)
    print(f"{len(outcomes) - survivors} of {len(outcomes)} mutants caught")
    return 1 if survivors else 0


def _passes_unchanged(mutants: list[Mutant], trial: Trial) -> bool:
    """Whether the tests pass without a mutant."""
    print(f"{len(trial.node_ids(mutants))} tests without a mutant: ", end="", flush=True)
    run = trial.unchanged(mutants)
    print("passed" if run.passed else f"NOT PASSED\n{run.output}", flush=True)
    return run.passed


def _try_and_print(mutant: Mutant, trial: Trial) -> Outcome:
    """Try one mutant, print its row, and return the outcome."""
    started = time.monotonic()
    misfit = trial.misfit(mutant)
    outcome = Outcome(False, f"DOES NOT FIT: {misfit}") if misfit else trial.outcome(mutant)
    seconds = time.monotonic() - started
    _row(_numbers(mutant), mutant.mistake, f"{outcome.by} ({seconds:.0f} s)")
    return outcome


def _numbers(mutant: Mutant) -> str:
    return ", ".join(map(str, mutant.defects))


def _row(defects: str, mistake: str, result: str) -> None:
    print(f"{defects:8}{mistake:{MISTAKE_WIDTH}}{result}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
