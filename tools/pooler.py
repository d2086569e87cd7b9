"""`script/tool pooler`: what requests cost behind PgBouncer, where nothing is prepared.

It starts temporary servers with the demo, and a PgBouncer, and sends the same requests with a
connection to PostgreSQL itself and with one to PgBouncer, in turns. It prints a table: the
milliseconds of processor that a request takes in each of the processes. It needs Linux.
"""

import io
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tools
from tools.partitions.servers import temporary_servers

TIMES = 100  # requests of one kind in a round
PROCESSES = ("Chirp", "PostgreSQL", "PgBouncer")
Costs = dict[str, list[tuple[float, ...]]]  # milliseconds in each of PROCESSES by way, for rounds


def main() -> None:
    """Measure and print."""
    parser = tools.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    if not shutil.which("pgbouncer"):
        sys.exit("PgBouncer is not installed: apt install pgbouncer.")
    with temporary_servers() as (var, servers):
        assert servers.postgres.pid is not None
        _print(_measured(var, servers.postgres.pid, options.rounds))


def _measured(var: Path, postgres: int, rounds: int) -> dict[str, Costs]:
    from django.core.management import call_command

    from chirp import gc_tuning
    from chirp.embedded_urls import database_url
    from tests.helpers.pgbouncer import pgbouncer, pgbouncer_url

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("populate_demo", verbosity=0, stdout=io.StringIO())
    gc_tuning.settle()
    folder = var / "pgbouncer"
    pooler = pgbouncer(var, folder)
    pooler.start()
    try:
        assert pooler.pid is not None
        used = _Used(postgres, pooler.pid)
        ways = {
            "direct": (database_url(var), "none"),
            "pooled": (pgbouncer_url(folder), "transaction"),
        }
        found: dict[str, Costs] = {}
        for _ in range(rounds):
            for way, where in ways.items():
                with _connected(*where):
                    for name, request in _requests().items():
                        costs = found.setdefault(name, {}).setdefault(way, [])
                        costs.append(used.by(request))
        return found
    finally:
        pooler.stop()


@contextmanager
def _connected(url: str, pooler: str) -> Iterator[None]:
    """Let Django use this address in the block."""
    from chirp import settings
    from tests.helpers.databases import another_database

    kept, settings.DATABASE_POOLER = settings.DATABASE_POOLER, pooler
    try:
        with another_database(url):
            yield
    finally:
        settings.DATABASE_POOLER = kept


def _requests() -> dict[str, Callable[[], None]]:
    """The requests of the guest of the demo, by name."""
    from django.test import Client

    from accounts.models import User
    from bench import world

    client, guest = Client(SERVER_NAME="localhost"), User.objects.get(handle="demo")
    headers = {"Authorization": f"Bearer {world.token(guest.pk)}"}

    def get(path: str) -> Callable[[], None]:
        def send() -> None:
            assert client.get(path, headers=headers).status_code == 200

        return send

    def post() -> None:
        body, kind = {"text": "Good morning"}, "application/json"
        answer = client.post("/api/tweets", body, content_type=kind, headers=headers)
        assert answer.status_code == 201

    home, public = "/api/timelines/home?limit=20", "/api/timelines/public?limit=20"
    return {"home": get(home), "public timeline": get(public), "post": post}


class _Used:
    """What the processes have used."""

    def __init__(self, postgres: int, pooler: int) -> None:
        self.postgres, self.pooler = postgres, pooler

    def by(self, request: Callable[[], None]) -> tuple[float, ...]:
        """The milliseconds of PROCESSES for a request, after some that fill caches."""
        for _ in range(TIMES // 10):
            request()
        before = self._seconds()
        for _ in range(TIMES):
            request()
        pairs = zip(before, self._seconds(), strict=True)
        return tuple((after - earlier) / TIMES * 1000 for earlier, after in pairs)

    def _seconds(self) -> tuple[float, ...]:
        from bench.context import cpu_seconds

        return (time.process_time(), cpu_seconds(self.postgres), cpu_seconds(self.pooler))


def _print(found: dict[str, Costs]) -> None:
    print(f"| Request | Connection | {' | '.join(PROCESSES)} | all | |")
    print("|---|---|---|---|---|---|---|")
    for name, ways in found.items():
        totals = {way: list(map(sum, costs)) for way, costs in ways.items()}
        for way, costs in ways.items():
            each = (statistics.median(process) for process in zip(*costs, strict=True))
            pairs = zip(totals[way], totals["direct"], strict=True)
            ratio = statistics.median(mine / other for mine, other in pairs)
            cells = " | ".join(f"{ms:.2f}" for ms in (*each, statistics.median(totals[way])))
            print(f"| {name} | {way} | {cells} | {ratio:.2f}× |")


if __name__ == "__main__":
    main()
