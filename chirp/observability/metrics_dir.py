"""Where the processes of this machine keep their metrics, so that each of them can report all.

Apart from chirp.observability.metrics, because prometheus_client reads the environment when it is
imported.
"""

import os
import shutil
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def choose(var: Path) -> Path | None:
    """The directory below `var`, which prometheus_client is told about. Creates nothing.

    None where nobody could write there: then each process knows only its own metrics.
    """
    place = var / "metrics"
    if not _is_writable(place):
        os.environ.pop(VARIABLE, None)
        return None
    # Not setdefault: an inherited environment may name the directory of another run.
    os.environ[VARIABLE] = str(place)
    return place


def _is_writable(path: Path) -> bool:
    """Whether this process could write to the directory, or create it."""
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def clear(var: Path) -> None:
    """Remove the metrics of an earlier run. Only while no process of Chirp runs there."""
    shutil.rmtree(var / "metrics", ignore_errors=True)
