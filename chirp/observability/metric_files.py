"""The figures of all processes of this machine, out of the files that prometheus_client writes.

Each process has a file for each kind of metric, named after its number. What a process counted must
stay when it ends, or totals would fall; but web processes are replaced all the time, and a file for
each would soon fill the disk. So files of processes that are gone are folded into one: `..._0.db`.
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

GONE = "0"  # no process has this number


def collect(place: Path, *, kind: str = "*") -> Iterable[Metric]:
    """Every metric in `place`, summed over the processes that are there and those that were.

    With `kind` only those (such as `counter`): histograms are most of it.
    """
    with _locked(place, fcntl.LOCK_SH):
        files = [str(path) for path in place.glob(f"{kind}_*.db")]
        return list(MultiProcessCollector.merge(files))


def fold(place: Path) -> None:
    """Add what ended processes counted to one file, and remove theirs."""
    with _locked(place, fcntl.LOCK_EX):
        for kind, files in _of_the_gone(place).items():
            into = place / f"{kind}_{GONE}.db"
            _write(into, _sums([into, *files] if into.exists() else files))
            for path in files:
                path.unlink()


def _of_the_gone(place: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in place.glob("*.db"):
        kind, _, number = path.stem.rpartition("_")
        if number != GONE and number.isdigit() and not psutil.pid_exists(int(number)):
            found[kind].append(path)
    return found


def _sums(files: Iterable[Path]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for path in files:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
            sums[key] += value
    return sums


def _write(path: Path, values: dict[str, float]) -> None:
    """Write a whole file beside, and put it in its place: no half of one is ever read."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    file = MmapedDict(str(beside))
    for key, value in values.items():
        file.write_value(key, value, 0.0)
    file.close()
    beside.rename(path)


@contextmanager
def _locked(place: Path, how: int) -> Iterator[None]:
    """Nobody reads while files are folded, or a total would be seen too small or twice."""
    with (place / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield
