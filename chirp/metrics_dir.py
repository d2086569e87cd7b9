"""Where the processes of this machine keep their figures, so that any of them can show all.

Apart from chirp.metrics, because prometheus_client looks at the environment when it is imported.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare(var: Path) -> Path | None:
    """Make the directory below `var` and tell prometheus_client, which has a file a process in it.

    None where that is impossible: then each process knows only its own figures.
    """
    place = var / "metrics"
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(place, os.W_OK):
        os.environ.pop(VARIABLE, None)
        return None
    # Not setdefault: an environment that was handed down may name the directory of another run.
    os.environ[VARIABLE] = str(place)
    return place


def clear(var: Path) -> None:
    """Forget the figures of an earlier run. Only while no process of Chirp runs there."""
    shutil.rmtree(var / "metrics", ignore_errors=True)
