"""How fast the herd is: five servers on this machine, and a thousand clients of one of them.

    script/bench-herd [--clients 1000] [--seconds 10]

Prints how many reports a second one server takes while it floods them to the others, and how long
it is until all five know: a single report, a thousand at once, and a single one among that load.
The servers, their links and the clients all share the processors of this machine.
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
    """Times in seconds, each a list of one for every round."""

    quiet: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)
    rate: float = 0.0  # reports a second
    floods: int = 0  # lines between servers for all these reports


class Phone:
    """A connection to one server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, herd: Herd, name: str) -> "Phone":
        """Connect."""
        return cls(*await asyncio.open_connection(HOST, herd.ports[name]["clients"]))

    async def say(self, line: str) -> bytes:
        """The first line of the answer."""
        self._writer.write(line.encode() + b"\n")
        return await self._reader.readline()

    async def report(self, client: str) -> bytes:
        """Say that a client is there now."""
        answer = await self.say(f"IAMAT {client} +34.068930-118.445127 {time.time():.9f}")
        assert answer.startswith(b"AT "), answer
        return answer

    async def knows(self, client: str, answer: bytes) -> bool:
        """Whether this server has that report."""
        found = await self.say(f"WHATSAT {client} 1 1")
        if found.startswith(b"UNKNOWN "):
            return False
        await self._reader.readline()
        await self._reader.readline()
        return found == answer

    async def reports(self) -> int:
        """Of how many clients the server knows where they are."""
        found: int = json.loads(await self.say("STATUS"))["reports"]
        return found

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def measure(herd: Herd, *, clients: int, seconds: float) -> Result:
    """All of it, into the first server of the herd."""
    result = Result()
    phones = [await Phone.to(herd, herd.names[0]) for _ in range(clients)]
    probes = [await Phone.to(herd, name) for name in herd.names]
    for _ in range(ROUNDS):
        result.quiet.append(await _until_all_know(probes))
    for _ in range(ROUNDS):
        answered, known = await _burst(phones, probes)
        result.answered.append(answered)
        result.burst.append(known)
    floods = _floods(herd)
    load = asyncio.create_task(_load(phones, seconds))
    await asyncio.sleep(0.5)
    while not load.done():
        result.loaded.append(await _until_all_know(probes))
    result.rate = await load
    result.floods = _floods(herd) - floods
    for phone in (*phones, *probes):
        phone.close()
    return result


async def _until_all_know(probes: Sequence[Phone]) -> float:
    client = f"probe-{next(_names)}"
    begun = time.monotonic()
    answer = await probes[0].report(client)
    for probe in probes[1:]:
        while not await probe.knows(client, answer):
            await asyncio.sleep(0.001)
    return time.monotonic() - begun


async def _burst(phones: Sequence[Phone], probes: Sequence[Phone]) -> tuple[float, float]:
    """Everybody reports at once, for somebody new. Until all are answered, until all five know."""
    known = await probes[0].reports()
    begun = time.monotonic()
    await asyncio.gather(*(phone.report(f"burst-{next(_names)}") for phone in phones))
    answered = time.monotonic() - begun
    for probe in probes:
        while await probe.reports() < known + len(phones):
            await asyncio.sleep(0.001)
    return answered, time.monotonic() - begun


async def _load(phones: Sequence[Phone], seconds: float) -> float:
    """Everybody reports all the time. Reports a second."""
    begun = time.monotonic()
    until = begun + seconds
    sent = await asyncio.gather(
        *(_keep_reporting(phone, f"phone-{number}", until) for number, phone in enumerate(phones))
    )
    return sum(sent) / (time.monotonic() - begun)


async def _keep_reporting(phone: Phone, client: str, until: float) -> int:
    sent = 0
    while time.monotonic() < until:
        await phone.report(client)
        sent += 1
    return sent


def _floods(herd: Herd) -> int:
    return sum(herd.status(name)["counts"]["floods_sent"] for name in herd.names)


def _row(what: str, times: Sequence[float]) -> str:
    milliseconds = [1000 * each for each in times]
    middle, most = statistics.median(milliseconds), max(milliseconds)
    return f"{what:<48} {middle:8.1f} ms (median of {len(times)}; at most {most:.1f} ms)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench-herd", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Chirp() as chirp,
        Herd(Path(folder), chirp=chirp.url) as herd,
    ):
        result = asyncio.run(measure(herd, clients=asked.clients, seconds=asked.seconds))
    print(_row("one report, until all five know", result.quiet))
    print(_row(f"{asked.clients} at once, until all are answered", result.answered))
    print(_row(f"{asked.clients} at once, until all five know", result.burst))
    print(f"{'reports a second into one server':<48} {result.rate:8.0f}")
    print(f"{'lines between servers meanwhile':<48} {result.floods:8d}")
    print(_row("one report among these, until all five know", result.loaded))


if __name__ == "__main__":
    main()
