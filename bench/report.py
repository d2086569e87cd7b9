"""Rows of figures, and the Markdown of the results."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection

from bench.engine import filler

COLUMNS = ("Figure", "Measured", "Floor or peer, same run", "Ratio", "Goal", "Met")
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"
HOW = """\
Each figure is next to its floor (the minimum cost of the parts below) or its peer (another
implementation of the same work), measured in the same run, in interleaved rounds, so that noise
affects both. Times and rates are medians of rounds, with the minimum and the maximum in brackets;
ratios are medians of the ratios within each round. Clients, servers and workers share the cores of
this machine, so rates include the cost of making the load. CPU, where it is given, depends less
than times on what else the machine does. Rate limits are off, and `REDIS_TIMEOUT_MS` is 2,000, so
that a pause of the machine causes no fallback and no retry; all else is as in production.
Written by `script/bench`; see [README.md](README.md).

The graph of the mix, if socfb-Reed98 is named, is that of networkrepository.com (R. A. Rossi
and N. K. Ahmed, 2015): 962 people and 18,812 edges."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure and one floor or peer. `met` is None if there is no goal."""

    figure: str
    measured: str
    comparison: str
    ratio: str
    goal: str = ""
    met: bool | None = None

    def line(self) -> str:
        """The row as Markdown."""
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        cells = (self.figure, self.measured, self.comparison, self.ratio, self.goal, met)
        return f"| {' | '.join(cells)} |"


@dataclass(slots=True)
class Group:
    """The rows of one group of figures, and notes on them."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    failed: bool = False

    def text(self) -> str:
        """The group as Markdown."""
        lines = [f"## {self.title}", ""]
        if self.rows:
            lines += [HEAD, *(row.line() for row in self.rows), ""]
        lines += [f"- {note}" for note in self.notes]
        return "\n".join([*lines, "", f"({self.seconds:.0f} s)", ""])


def machine() -> str:
    """A list of the hardware and the versions, as Markdown."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    info = filler().info("server")
    valkey = info.get("valkey_version", info["redis_version"])
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return "\n".join(
        (
            f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load over 1, 5, 15 minutes: {load}",
            f"- {os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.release()}",
            f"- Python {platform.python_version()}, PostgreSQL {postgres}, Valkey {valkey}",
            f"- {libraries}",
        )
    )


LIBRARIES = ("Django", "djangorestframework", "psycopg", "redis", "hiredis", "celery", "gunicorn")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(path: Path, groups: Sequence[Group], *, remark: str) -> None:
    """Write the results of a run."""
    parts = ["# What was measured", "", machine(), "", HOW, "", remark, ""]
    path.write_text("\n".join([*parts, *(group.text() for group in groups)]))
