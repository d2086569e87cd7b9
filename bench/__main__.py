"""The bench: `script/bench`; see README.md in this directory.

script/bench [--only NAME...] [--against COMMIT] [--smoke] [--graph FILE] [--mix-seconds N]
             [--out FILE]
"""

import argparse
import importlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.context import CHECKOUT, FULL, SMOKE, Bench

if TYPE_CHECKING:
    from bench.report import Group
    from runner.embedded import Servers

FIGURES = (
    "fanout",
    "home",
    "discovery",
    "growth",
    "latency",
    "work",
    "backlog",
    "memory",
    "mix",
    "million",
)


def main() -> None:
    """Run the bench, and exit with status 1 if a group failed."""
    options = _arguments()
    scale = SMOKE if options.smoke else FULL
    if options.mix_seconds is not None:
        scale = replace(scale, mix_seconds=options.mix_seconds)
    with _servers() as (var, servers):
        cache = options.cache.absolute()
        bench = Bench(scale, var, servers, options.graph, cache, options.against)
        good = run(bench, options)
    sys.exit(0 if good else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench", description=(__doc__ or "").split("\n")[0].partition(":")[2]
    )
    choices = ", ".join(FIGURES)
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"only these: {choices}")
    parser.add_argument(
        "--against",
        metavar="COMMIT",
        default="",
        help="also compare with this version: a commit since 8858dba, or the directory of one",
    )
    parser.add_argument(
        "--smoke", action="store_true", help="small and quick, to check that the bench runs"
    )
    parser.add_argument("--graph", type=Path, help="an edge list for the mix, such as Reed98's")
    parser.add_argument("--mix-seconds", type=float, help="duration of the final run of the mix")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "bench" / "results.md")
    parser.add_argument(
        "--cache",
        type=Path,
        default=CHECKOUT / "var" / "bench",
        help="where environments of peers are kept (default: var/bench)",
    )
    options = parser.parse_args()
    if unknown := set(options.only or ()) - set(FIGURES):
        parser.error(f"unknown figures: {', '.join(sorted(unknown))}; there are {choices}")
    return options


@contextmanager
def _servers() -> Iterator[tuple[Path, "Servers"]]:
    """Start servers in a temporary directory, and set up Django with them."""
    var = Path(tempfile.mkdtemp(prefix="chirp-bench-"))
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "LOG_LEVEL": "WARNING",
        # A pause of the machine must not cause a fallback to Postgres or a retry of a fan-out.
        "REDIS_TIMEOUT_MS": "2000",
        "RATE_LIMIT_WRITES": "off",
        "RATE_LIMIT_READS": "off",
        "RATE_LIMIT_FILES": "off",
        "RATE_LIMIT_REGISTER": "off",
        "RATE_LIMIT_SIGN_IN": "off",
    }
    from runner import embedded

    try:
        with embedded.running(var) as servers:
            import django
            from django.core.management import call_command

            from chirp import gc_tuning

            django.setup()
            call_command("migrate", verbosity=0)
            call_command("collectstatic", verbosity=0, interactive=False)
            gc_tuning.settle()  # as in every process of a site
            yield var, servers
    finally:
        shutil.rmtree(var, ignore_errors=True)


def run(bench: Bench, options: argparse.Namespace) -> bool:
    """Measure each group, and write the results after each. Returns whether none failed.

    The results show the error of a group that fails; the others still run.
    """
    from bench import report

    started, groups = time.monotonic(), []
    for name in (*(options.only or FIGURES), *(["versions"] if options.against else [])):
        began = time.monotonic()
        groups.append(_measured(bench, name))
        groups[-1].seconds = time.monotonic() - began
        print(groups[-1].text(), flush=True)
        report.write(options.out, groups, remark=_remark(bench, options, started))
    print(f"{time.monotonic() - started:.0f} s in total; written to {options.out}")
    return not any(group.failed for group in groups)


def _measured(bench: Bench, name: str) -> "Group":
    from bench.report import Group

    try:
        group: Group = importlib.import_module(f"bench.figures.{name}").measure(bench)
    except Exception as error:
        traceback.print_exc()
        failure = f"**These figures failed: {type(error).__name__}: {error}**"
        return Group(name, notes=[failure], failed=True)
    return group


def _remark(bench: Bench, options: argparse.Namespace, started: float) -> str:
    words = [f"This run took {time.monotonic() - started:.0f} s."]
    if bench.smoke:
        words.append("**It was the smoke form: sizes are tiny, and the figures mean nothing.**")
    if options.only:
        words.append(f"It measured only {', '.join(options.only)}.")
    return " ".join(words)


if __name__ == "__main__":
    main()
