"""`script/chaos`: a whole Chirp, a steady load, and one fault after another."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.chaos.faults import Fault
    from tools.chaos.house import House

BEFORE_SECONDS, BEFORE_SHORT = 4.0, 1.0
WARM_UP_SECONDS = 2.0


def main() -> int:
    """Do what the command line asks for. 1 when anything was lost, wrong, unclean or too slow."""
    parser = argparse.ArgumentParser(
        prog="script/chaos",
        description="Takes one part after another away from a whole Chirp under a steady load.",
    )
    parser.add_argument("--short", action="store_true", help="a minute instead of ten")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="faults with one of these words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="leave the logs of all processes in this folder")
    options = parser.parse_args()
    # Told to end, it still stops everything that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-chaos-")))
        if options.logs:
            stack.callback(shutil.copytree, var / "log", options.logs, dirs_exist_ok=True)
        from tools.chaos.house import living_in

        house = stack.enter_context(living_in(var, _migrate))
        return _run(house, stack, options)


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _run(house: "House", stack: ExitStack, options: argparse.Namespace) -> int:
    from tools.chaos import people, table
    from tools.chaos.load import loading
    from tools.chaos.trial import trial

    started = time.monotonic()
    people.move_in(options.seed)
    load = stack.enter_context(loading(house.url, options.seed))
    load.go(people.access())
    time.sleep(WARM_UP_SECONDS)
    load.stop()
    print(table.HEAD, flush=True)
    failed = absent = 0
    before = BEFORE_SHORT if options.short else BEFORE_SECONDS
    for fault, seconds in _chosen(options):
        result = trial(house, load, fault, seconds=seconds, before=before)
        print(table.text(result), flush=True)
        failed += bool(result.complaints)
        absent += bool(result.not_here)
    print(f"{len(load.written().acknowledged)} posts in {time.monotonic() - started:.0f} s")
    if absent:
        print(f"!!! {absent} FAULTS DID NOT RUN: see above what this machine lacks. !!!")
    return 1 if failed else 0


def _chosen(options: argparse.Namespace) -> "Sequence[tuple[Fault, float]]":
    """The faults to put in, and for how many seconds each."""
    from tools.chaos.faults import FAULTS

    wanted = [f for f in FAULTS if not options.only or any(w in f.name for w in options.only)]
    if options.short:
        return [(fault, fault.short) for fault in wanted if fault.short is not None]
    return [(fault, fault.seconds) for fault in wanted]


if __name__ == "__main__":
    sys.exit(main())
