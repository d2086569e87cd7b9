"""`script/tool partitions`: what pages cost with N and 10 N tweets, and in partitions.

It starts temporary servers, fills databases with generated tweets (1.1 GB for a million, in each
database), and prints a table. It needs Linux. In a cell are the milliseconds of processor that
PostgreSQL takes for a page (in brackets: for the first one on a connection, with its planning),
the median of interleaved rounds; then the partitions that the page scans, the scans of tweets in
its plans, and the blocks that it reads.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import tools
from tools.partitions.servers import temporary_servers

if TYPE_CHECKING:
    from tools.partitions.pages import Cost
    from tools.partitions.rows import Span

WHOLE = "chirp"  # the database with all tweets in one table

Measured = dict[str, dict[str, list[tuple[float, float]]]]  # by page and database


def main() -> None:
    """Generate, measure and print."""
    parser = tools.parser(__doc__)
    parser.add_argument("--tweets", type=int, default=10_000_000, help="of the large databases")
    parser.add_argument("--partitions", type=int, nargs="*", default=[2, 4, 12], metavar="N")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=20, help="requests of a page in a round")
    options = parser.parse_args()
    with temporary_servers() as (var, _):
        _run(var, options)


def _run(var: Path, options: argparse.Namespace) -> None:
    from tools.partitions import pages
    from tools.partitions.rows import Span

    span = Span(total=options.tweets, now=time.time())
    databases = _databases(var, span, options.partitions)
    measured: Measured = {}
    for _ in range(options.rounds):
        for name in databases:
            with pages.database(name):
                for page, call in pages.pages(span).items():
                    figures = pages.cpu_ms(call, options.times)
                    measured.setdefault(page, {}).setdefault(name, []).append(figures)
    costs = {}
    for name in databases:
        with pages.database(name):
            costs[name] = {page: pages.cost(call) for page, call in pages.pages(span).items()}
    _print(databases, measured, costs)


def _databases(var: Path, span: "Span", partitions: Sequence[int]) -> dict[str, str]:
    """Make the databases, and return what each has, by its name."""
    from django.core.management import call_command
    from django.db import connections

    from runner.embedded import roles
    from tools.partitions import layouts, rows

    call_command("migrate", verbosity=0)
    connections.close_all()
    tenth = span.total // 10
    with roles.connect(var, database=WHOLE) as database:
        rows.begin(database, span)
        rows.fill(database, span, span.total - tenth + 1, span.total)
    layouts.copy(var, WHOLE, "tenth")
    with roles.connect(var, database=WHOLE) as database:
        rows.fill(database, span, 1, span.total - tenth)
    found = {"tenth": f"{tenth:,} in one table", WHOLE: f"{span.total:,} in one table"}
    for number in partitions:
        layouts.copy(var, WHOLE, f"parts_{number}")
        with roles.connect(var, database=f"parts_{number}") as database:
            layouts.partition(database, span, number)
        found[f"parts_{number}"] = f"in {number} partitions"
    return found


def _print(
    databases: dict[str, str], measured: Measured, costs: dict[str, dict[str, "Cost"]]
) -> None:
    print("| Page | " + " | ".join(databases.values()) + " |")
    print("|---|" + "---|" * len(databases))
    for page, by_name in measured.items():
        cells = [_cell(by_name[name], costs[name][page]) for name in databases]
        print(f"| {page} | " + " | ".join(cells) + " |")


def _cell(figures: list[tuple[float, float]], cost: "Cost") -> str:
    each, first = (statistics.median(kind) for kind in zip(*figures, strict=True))
    return f"{each:.2f} ({first:.0f}); {cost.partitions}, {cost.scans}, {cost.buffers:,}"


if __name__ == "__main__":
    main()
