"""`script/tool streams figures|faults`: measure streams, or look whether they miss anything.

It starts a Chirp of its own, in a directory that it removes.
"""

import signal
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import tools
from tools.streams import faults, figures
from tools.streams.stage import Stage, running_stage


def _stage(name: str) -> AbstractContextManager[Stage]:
    return running_stage(Path(name))


def main() -> int:
    """Run, and print what was found. Return 1 if a stream missed something."""
    parser = tools.parser(__doc__)
    parser.add_argument("what", choices=("figures", "faults"))
    parser.add_argument("--short", action="store_true", help="fewer clients and posts")
    options = parser.parse_args()
    what, short = options.what, options.short
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped
    with tempfile.TemporaryDirectory(prefix="chirp-streams-") as name, _stage(name) as stage:
        if what == "figures":
            scale = figures.SMOKE if short else figures.FULL
            for title, value in figures.measure(stage, scale).items():
                print(f"{title:<40} {value:10.1f}")
            return 0
        wrong = faults.run(stage, faults.SMOKE if short else faults.FULL)
    print("\n".join(wrong) or "Every client saw what it should have seen.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
