"""`script/chaos`: a complete Chirp, a steady load, and one fault after another."""

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
    from tools.chaos.deployment import Deployment
    from tools.chaos.faults import Fault

BEFORE_SECONDS, BEFORE_SHORT = 4.0, 1.0
WARM_UP_SECONDS = 2.0


def main() -> int:
    """Run the chosen faults. Returns the exit status: 1 if any trial found a problem."""
    parser = argparse.ArgumentParser(
        prog="script/chaos",
        description="Makes one part after another of a complete Chirp fail under a steady load.",
    )
    parser.add_argument("--short", action="store_true", help="a minute instead of ten")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="faults with one of these words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--logs", type=Path, help="copy the logs of all processes to this directory"
    )
    options = parser.parse_args()
    # On SIGTERM, still stop all servers and processes that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-chaos-")))
        if options.logs:
            stack.callback(shutil.copytree, var / "log", options.logs, dirs_exist_ok=True)
        from tools.chaos.deployment import running_deployment

        deployment = stack.enter_context(running_deployment(var, _migrate))
        return _run(deployment, stack, options)


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _run(deployment: "Deployment", stack: ExitStack, options: argparse.Namespace) -> int:
    from tools.chaos import people, table
    from tools.chaos.load import loading
    from tools.chaos.trial import trial

    started = time.monotonic()
    people.create_accounts(options.seed)
    load = stack.enter_context(loading(deployment.url, options.seed))
    load.start(people.access_tokens())
    time.sleep(WARM_UP_SECONDS)
    load.stop()
    print(table.HEAD, flush=True)
    failed = skipped = 0
    before = BEFORE_SHORT if options.short else BEFORE_SECONDS
    for fault, seconds in _chosen(options):
        result = trial(deployment, load, fault, seconds=seconds, before=before)
        print(table.text(result), flush=True)
        failed += bool(result.problems)
        skipped += bool(result.not_possible)
    print(f"{len(load.posts().acknowledged)} posts in {time.monotonic() - started:.0f} s")
    if skipped:
        print(f"!!! {skipped} FAULTS DID NOT RUN: see above what this machine lacks. !!!")
    return 1 if failed else 0


def _chosen(options: argparse.Namespace) -> "Sequence[tuple[Fault, float]]":
    """The chosen faults, and how many seconds each lasts."""
    from tools.chaos.faults import FAULTS

    wanted = [f for f in FAULTS if not options.only or any(w in f.name for w in options.only)]
    if options.short:
        return [(fault, fault.short) for fault in wanted if fault.short is not None]
    return [(fault, fault.seconds) for fault in wanted]


if __name__ == "__main__":
    sys.exit(main())
