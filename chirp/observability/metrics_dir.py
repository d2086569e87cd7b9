"""The directory where the processes of this machine keep their metrics, so that each reports all.

It is apart from chirp.observability.metrics, because prometheus_client reads the environment when
it is imported.
"""

import os
import shutil
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def choose(var: Path) -> Path | None:
    """Return the directory below `var` and set it for prometheus_client. Creates nothing.

    None if the directory is not writable: then each process reports only its own metrics.
    """
    directory = var / "metrics"
    if not _is_writable(directory):
        os.environ.pop(VARIABLE, None)
        return None
    # Not setdefault: an inherited environment may name the directory of another run.
    os.environ[VARIABLE] = str(directory)
    return directory


def _is_writable(path: Path) -> bool:
    """Whether this process can write to the directory, or create it."""
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def clear(var: Path) -> None:
    """Remove the metrics of an earlier run. Call it only while no process of Chirp uses `var`."""
    shutil.rmtree(var / "metrics", ignore_errors=True)
