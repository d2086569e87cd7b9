"""Measures the herd: five servers on this machine, and a thousand clients of one of them.

    script/bench-herd [--clients 1000] [--seconds 10]

Prints how many reports per second one server accepts while it floods them to the others, and how
long a report takes to reach all five: a single one, a thousand at once, and one during that load.
The servers, the links between them and the clients share the processors of this machine.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.processes import HOST, Herd

ROUNDS = 20
_names = itertools.count()


@dataclass
class Result:
    """Seconds, one for each round, and totals of the load."""

    quiet: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)
    rate: float = 0.0  # reports per second
    floods: int = 0  # lines between servers during the load


class Connection:
    """A client connection to one server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, herd: Herd, name: str) -> "Connection":
        """Connect to the server of this name."""
        return cls(*await asyncio.open_connection(HOST, herd.ports[name]["clients"]))

    async def send(self, line: str) -> bytes:
        """Send a line, and return the first line of the response."""
        self._writer.write(line.encode() + b"\n")
        return await self._reader.readline()

    async def report(self, client: str) -> bytes:
        """Report the position of a client as of now. Returns the response."""
        answer = await self.send(f"IAMAT {client} +34.068930-118.445127 {time.time():.9f}")
        assert answer.startswith(b"AT "), answer
        return answer

    async def knows(self, client: str, answer: bytes) -> bool:
        """Whether this server has the report that was acknowledged with `answer`."""
        found = await self.send(f"WHATSAT {client} 1 1")
        if found.startswith(b"UNKNOWN "):
            return False
        await self._reader.readline()
        await self._reader.readline()
        return found == answer

    async def reports(self) -> int:
        """The number of clients whose position the server has."""
        found: int = json.loads(await self.send("STATUS"))["reports"]
        return found

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


async def measure(herd: Herd, *, clients: int, seconds: float) -> Result:
    """Run all measurements, with `clients` connections to the first server of the herd."""
    result = Result()
    connections = [await Connection.open(herd, herd.names[0]) for _ in range(clients)]
    probes = [await Connection.open(herd, name) for name in herd.names]
    for _ in range(ROUNDS):
        result.quiet.append(await _until_all_know(probes))
    for _ in range(ROUNDS):
        answered, known = await _burst(connections, probes)
        result.answered.append(answered)
        result.burst.append(known)
    floods = _floods(herd)
    load = asyncio.create_task(_load(connections, seconds))
    await asyncio.sleep(0.5)
    while not load.done():
        result.loaded.append(await _until_all_know(probes))
    result.rate = await load
    result.floods = _floods(herd) - floods
    for connection in (*connections, *probes):
        connection.close()
    return result


async def _until_all_know(probes: Sequence[Connection]) -> float:
    """Send one report, and return the seconds until all servers have it."""
    client = f"probe-{next(_names)}"
    started = time.monotonic()
    answer = await probes[0].report(client)
    for probe in probes[1:]:
        while not await probe.knows(client, answer):
            await asyncio.sleep(0.001)
    return time.monotonic() - started


async def _burst(
    connections: Sequence[Connection], probes: Sequence[Connection]
) -> tuple[float, float]:
    """Report a new client on each connection at once.

    Returns the seconds until all are acknowledged, and until all servers have all reports.
    """
    known = await probes[0].reports()
    started = time.monotonic()
    await asyncio.gather(
        *(connection.report(f"burst-{next(_names)}") for connection in connections)
    )
    answered = time.monotonic() - started
    for probe in probes:
        while await probe.reports() < known + len(connections):
            await asyncio.sleep(0.001)
    return answered, time.monotonic() - started


async def _load(connections: Sequence[Connection], seconds: float) -> float:
    """Report on all connections for so many seconds. Returns reports per second."""
    started = time.monotonic()
    until = started + seconds
    sent = await asyncio.gather(
        *(
            _keep_reporting(connection, f"client-{number}", until)
            for number, connection in enumerate(connections)
        )
    )
    return sum(sent) / (time.monotonic() - started)


async def _keep_reporting(connection: Connection, client: str, until: float) -> int:
    sent = 0
    while time.monotonic() < until:
        await connection.report(client)
        sent += 1
    return sent


def _floods(herd: Herd) -> int:
    return sum(herd.status(name)["counts"]["floods_sent"] for name in herd.names)


def _row(what: str, times: Sequence[float]) -> str:
    milliseconds = [1000 * each for each in times]
    median, maximum = statistics.median(milliseconds), max(milliseconds)
    return f"{what:<48} {median:8.1f} ms (median of {len(times)}; at most {maximum:.1f} ms)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench-herd", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Chirp() as chirp,
        Herd(Path(folder), chirp=chirp.url) as herd,
    ):
        result = asyncio.run(measure(herd, clients=options.clients, seconds=options.seconds))
    print(_row("one report, until all five know", result.quiet))
    print(_row(f"{options.clients} at once, until all are answered", result.answered))
    print(_row(f"{options.clients} at once, until all five know", result.burst))
    print(f"{'reports a second into one server':<48} {result.rate:8.0f}")
    print(f"{'lines between servers meanwhile':<48} {result.floods:8d}")
    print(_row("one report among these, until all five know", result.loaded))


if __name__ == "__main__":
    main()
