"""`script/races`: thousands of rounds on temporary servers."""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path


def main() -> int:
    """Run the chosen races. Returns the exit status: 1 if a round failed."""
    parser = argparse.ArgumentParser(
        prog="script/races",
        description="Races between real processes, compared by the oracle, round after round.",
    )
    parser.add_argument("--rounds", type=int, default=1000, help="of each race (default: 1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="races, as listed by --list")
    parser.add_argument("--list", action="store_true", help="list the races and exit")
    options = parser.parse_args()
    # On SIGTERM, still stop all servers and processes that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        var = stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-races-"))
        os.environ |= {"VAR_DIR": var, "LOG_LEVEL": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "chirp.settings"
        from tools.races.loaded import use  # noqa: F401 - sets Django up
        from tools.races.scenes import RACES

        if options.list:
            print("\n".join(f"{name}: {race.__doc__}" for name, race in RACES.items()))
            return 0
        if unknown := set(options.only or []) - set(RACES):
            parser.error(f"no such race: {', '.join(sorted(unknown))}. --list names them.")
        from runner import embedded

        stack.enter_context(embedded.running(Path(var), fast=True))
        return _run(options.only or list(RACES), options)


def _run(names: list[str], options: argparse.Namespace) -> int:
    from django.core.management import call_command
    from django.db import connection

    from tools.races.actors import acting
    from tools.races.loaded import use
    from tools.races.rounds import SETTINGS, run_race

    call_command("migrate", verbosity=0)
    database = connection.settings_dict["NAME"]
    use(database, SETTINGS)
    failed = 0
    with acting(database, SETTINGS) as actors:
        for name in names:
            outcome = run_race(name, actors, rounds=options.rounds, seed=options.seed)
            print("\n".join([str(outcome), *outcome.wrong]), flush=True)
            failed += bool(outcome.wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
