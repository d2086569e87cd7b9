"""`script/tool readers`: what pages cost readers of a large site, beside the demo.

It starts temporary servers, builds the demo, and a site of generated tweets (1.1 GB for a million),
with readers who follow, mute, block or like very many. It prints a table: the milliseconds of
processor that a request for a page or list takes in all processes, and how many times that of the
same page for the guest of the demo. It needs Linux.
"""

import argparse
import io
import time
from pathlib import Path

import tools
from tools.partitions.servers import temporary_servers

Table = dict[str, dict[str, float]]  # milliseconds by reader and page


def main() -> None:
    """Build both, measure and print."""
    parser = tools.parser(__doc__)
    parser.add_argument("--tweets", type=int, default=5_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    options = parser.parse_args()
    with temporary_servers() as (var, servers):
        valkey = servers.valkey.pid
        assert valkey is not None
        _print(*_measured(var, options, valkey))


def _measured(
    var: Path, options: argparse.Namespace, valkey: int
) -> tuple[dict[str, float], Table]:
    from django.core.management import call_command
    from django.db import connections

    from chirp import gc_tuning
    from chirp.redis.client import client
    from runner.embedded import roles
    from tools.partitions import layouts
    from tools.partitions import rows as tweets
    from tools.partitions.pages import database
    from tools.readers import pages, rows, subjects

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    connections.close_all()
    layouts.copy(var, "chirp", "large")
    call_command("populate_demo", verbosity=0, stdout=io.StringIO())
    call_command("search", "rebuild", stdout=io.StringIO())
    gc_tuning.settle()
    of_demo = pages.costs(_guest(), subjects.of_demo(), valkey)
    connections.close_all()
    client().flushall()
    span = tweets.Span(total=options.tweets, now=time.time(), people=options.people)
    with roles.connect(var, database="large") as large:
        tweets.begin(large, span)
        tweets.fill(large, span, 1, span.total)
        rows.add(large, span)
    readers: dict[str, int | None] = {"is an ordinary reader": 1}
    readers |= {name: span.people - number for name, number in rows.READERS.items()}
    readers["is signed out"] = None
    with database("large"):
        about = subjects.of_large(span)
        found = {name: pages.costs(id_, about, valkey) for name, id_ in readers.items()}
    return of_demo, found


def _guest() -> int:
    from accounts.models import User

    return int(User.objects.get(handle="demo").pk)


def _print(of_demo: dict[str, float], found: Table) -> None:
    print("| Page or list | demo | " + " | ".join(found) + " |")
    print("|---|---|" + "---|" * len(found))
    for path, milliseconds in of_demo.items():
        cells = [_cell(each.get(path), milliseconds) for each in found.values()]
        print(f"| {path} | {milliseconds:.1f} | " + " | ".join(cells) + " |")


def _cell(milliseconds: float | None, of_demo: float) -> str:
    return "" if milliseconds is None else f"{milliseconds:.1f} ({milliseconds / of_demo:.1f}×)"


if __name__ == "__main__":
    main()
