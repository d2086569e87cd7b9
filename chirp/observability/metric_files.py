"""Metrics of all processes of this machine, from the files that prometheus_client writes.

Each process has a file for each kind of metric, named after its process id. Its counts must outlive
the process, or totals would fall; but web processes are replaced all the time, and a file for each
would soon fill the disk. The files of ended processes are therefore folded into one: `..._0.db`.
"""

import fcntl
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

ENDED = "0"  # in place of a process id: no process has this one


def collect(directory: Path, *, kind: str = "*") -> Iterable[Metric]:
    """Every metric in `directory`, summed over running and ended processes.

    `kind`, such as `counter`, limits the result to metrics of that kind: histograms are most of the
    data.
    """
    with _locked(directory, fcntl.LOCK_SH):
        files = [str(path) for path in directory.glob(f"{kind}_*.db")]
        return list(MultiProcessCollector.merge(files))


def fold(directory: Path) -> None:
    """Add the counts of ended processes to one file, and remove their own files."""
    with _locked(directory, fcntl.LOCK_EX):
        for kind, files in _files_of_ended_processes(directory).items():
            into = directory / f"{kind}_{ENDED}.db"
            _write(into, _sums([into, *files] if into.exists() else files))
            for path in files:
                path.unlink()


def _files_of_ended_processes(directory: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in directory.glob("*.db"):
        kind, _, number = path.stem.rpartition("_")
        if number != ENDED and number.isdigit() and not psutil.pid_exists(int(number)):
            found[kind].append(path)
    return found


def _sums(files: Iterable[Path]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for path in files:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
            sums[key] += value
    return sums


def _write(path: Path, values: dict[str, float]) -> None:
    """Write a draft and rename it to `path`, so that a half-written file is never read."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    file = MmapedDict(str(draft))
    for key, value in values.items():
        file.write_value(key, value, 0.0)
    file.close()
    draft.rename(path)


@contextmanager
def _locked(directory: Path, how: int) -> Iterator[None]:
    """Lock the files: a read while they are folded would miss counts or add them twice."""
    with (directory / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield
