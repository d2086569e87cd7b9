"""The command line, and the order of a run: accounts, a warm-up, and one fault after another."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import tools
from tools.chaos.deployment import Deployment, running_deployment
from tools.chaos.faults import Fault
from tools.chaos.load import TIMEOUT_SECONDS

BEFORE_SECONDS, BEFORE_SHORT = 4.0, 1.0
WARM_UP_SECONDS = 2.0


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser for a program that injects faults, from its docstring."""
    parser = tools.parser(doc)
    parser.epilog = "docs/faults.md explains the columns of the table: 'What the table says'."
    parser.add_argument("--short", action="store_true", help="only the quick faults, for less time")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="faults with one of these words")
    parser.add_argument("--seed", type=int, default=1, help="of the load (default: 1)")
    parser.add_argument(
        "--logs", type=Path, help="copy the logs of all processes to this directory"
    )
    return parser


def main(options: argparse.Namespace, kind: type[Deployment], faults: Sequence[Fault]) -> int:
    """Run the chosen faults. Returns the exit status: 1 if any trial found a problem."""
    chosen = _chosen(options, faults)
    if not chosen:
        names = "; ".join(fault.name for fault, _ in _of_this_length(options, faults)) or "none"
        print(f"No fault is chosen. There are: {names}.", file=sys.stderr)
        return 2
    # On SIGTERM, still stop all servers and processes that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-chaos-")))
        if options.logs:
            stack.callback(shutil.copytree, var / "log", options.logs, dirs_exist_ok=True)
        deployment = stack.enter_context(running_deployment(var, _migrate, kind))
        return _run(deployment, stack, options, chosen)


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _run(
    deployment: Deployment,
    stack: ExitStack,
    options: argparse.Namespace,
    faults: Sequence[tuple[Fault, float]],
) -> int:
    # They need Django, which is set up only now that the deployment has its settings.
    from tools.chaos import people, table
    from tools.chaos.load import loading
    from tools.chaos.trial import trial

    started = time.monotonic()
    people.create_accounts(options.seed)
    patience = TIMEOUT_SECONDS + max((fault.late for fault, _ in faults), default=0)
    load = stack.enter_context(loading(deployment.url, options.seed, patience))
    load.start(people.access_tokens())
    time.sleep(WARM_UP_SECONDS)
    load.stop()
    print(table.HEAD, flush=True)
    failed = skipped = 0
    before = BEFORE_SHORT if options.short else BEFORE_SECONDS
    for fault, seconds in faults:
        result = trial(deployment, load, fault, seconds=seconds, before=before)
        print(table.text(result), flush=True)
        failed += bool(result.problems)
        skipped += bool(result.not_possible)
    print(f"{len(load.posts().acknowledged)} posts in {time.monotonic() - started:.0f} s")
    if skipped:
        print(f"!!! {skipped} FAULTS DID NOT RUN: see above what this machine lacks. !!!")
    return 1 if failed else 0


def _chosen(options: argparse.Namespace, faults: Sequence[Fault]) -> list[tuple[Fault, float]]:
    """The chosen faults, and how many seconds each lasts."""
    words = options.only or [""]
    return [
        (fault, seconds)
        for fault, seconds in _of_this_length(options, faults)
        if any(word in fault.name for word in words)
    ]


def _of_this_length(
    options: argparse.Namespace, faults: Sequence[Fault]
) -> list[tuple[Fault, float]]:
    """The faults of a short or of a full run, and how many seconds each lasts."""
    if options.short:
        return [(fault, fault.short) for fault in faults if fault.short is not None]
    return [(fault, fault.seconds) for fault in faults]
