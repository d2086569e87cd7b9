"""Random input on both ports, for HERD_FUZZ_SECONDS (`script/test herd` sets a minute)."""

import os
import random
import socket
import time
from pathlib import Path

import psutil
import pytest

from herd.messages import Iamat, Malformed, Status, Whatsat, parse_command
from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.processes import HOST, Client, Herd

SECONDS = float(os.environ.get("HERD_FUZZ_SECONDS", "5"))
GROWTH = 16 * 1024 * 1024  # bytes that memory may vary by, because of connections
WORDS = [b"IAMAT", b"WHATSAT", b"AT", b"STATUS", b"iamat", b"HERD-1", b"PROOF", b"NUMBER", b"PING"]
FIELDS = [
    b"kiwi",
    b"+34.068930-118.445127",
    b"+91-118",
    b"+4030-00730",
    b"1353118103.108893381",
    b"99999999999",
    b"-1",
    b"NaN",
    b"inf",
    b"1e3",
    b"10",
    b"0",
    b"101",
    b"+0.263873386",
    b"Hill",
    b"",
    b"\0",
    b"\xff\xfe",
    "é電\u2028\u00a0".encode(),
]
SPACES = [b" ", b"  ", b"\t", b"\r", b"\x0b", b"\x1c"]


class LineGenerator:
    """Generates random lines, most of them almost valid. The seed differs in each run."""

    def __init__(self) -> None:
        self.rng = random.Random()

    def line(self) -> bytes:
        kind = self.rng.random()
        if kind < 0.02:
            line = self.rng.randbytes(self.rng.randint(65_000, 200_000))
        elif kind < 0.2:
            line = self.rng.randbytes(self.rng.randint(0, 100))
        elif kind < 0.5:
            line = self._command()
        elif kind < 0.7:
            line = self._corrupt(self._command())
        else:
            line = self._fields()
        return line.replace(b"\n", b"")

    def _command(self) -> bytes:
        client = b"client-%d" % self.rng.randint(0, 10**9)
        return self.rng.choice(
            [
                b"IAMAT %s +34.068930-118.445127 %d.5" % (client, self.rng.randint(1, 10**9)),
                b"WHATSAT kiwi %d %d" % (self.rng.randint(0, 120), self.rng.randint(0, 120)),
                b"STATUS",
            ]
        )

    def _corrupt(self, line: bytes) -> bytes:
        at = self.rng.randrange(len(line))
        return line[:at] + self.rng.randbytes(1) + line[at + self.rng.randint(0, 2) :]

    def _fields(self) -> bytes:
        many = self.rng.randint(0, 8)
        words = [self.rng.choice(WORDS), *(self.rng.choice(FIELDS) for _ in range(many))]
        return b"".join(word + self.rng.choice(SPACES) for word in words)


def expect(connection: Client, line: bytes) -> None:
    """Send a line, and check that the response is of the right kind."""
    answer = connection.send(line)
    end = b"\r\n" if line.endswith(b"\r") else b"\n"
    try:
        command = parse_command(line, latest=time.time_ns() + 300 * 10**9)
    except Malformed:
        assert answer == b"? " + line + b"\n"
        return
    assert answer.endswith(end)
    match command:
        case Iamat():
            assert answer.startswith(b"AT Hill ")
        case Whatsat() if not answer.startswith(b"UNKNOWN "):
            assert connection.lines.readline().startswith(b"{")
            assert connection.lines.readline() == end
        case Status():
            assert answer.startswith(b"{")


def connect_as_stranger(port: int, generator: LineGenerator) -> None:
    """Send two lines to the port for neighbours, and wait until the connection is closed."""
    with socket.create_connection((HOST, port)) as stranger:
        try:
            stranger.sendall(generator.line() + b"\n" + generator.line() + b"\n")
            while stranger.recv(65536):
                pass
        except ConnectionError:
            pass


@pytest.mark.timeout(SECONDS + 120)
def test_random_input_causes_neither_a_crash_nor_growing_memory(tmp_path: Path) -> None:
    generator = LineGenerator()
    limits: dict[str, float] = {"reports": 500}
    names = ["Hill", "Gasol"]
    with Chirp() as chirp, Herd(tmp_path, names=names, chirp=chirp.url, limits=limits) as herd:
        hill = psutil.Process(herd.processes["Hill"].pid)
        started, before = time.monotonic(), 0
        while (elapsed := time.monotonic() - started) < SECONDS:
            chirp.requests.clear()
            with herd.client("Hill") as connection:
                for _ in range(200):
                    expect(connection, generator.line())
            connect_as_stranger(herd.ports["Hill"]["peers"], generator)
            if not before and elapsed > SECONDS / 4:
                before = hill.memory_info().rss
        after = hill.memory_info().rss
        status = herd.status("Hill")
        assert after - before < GROWTH
        assert status["reports"] <= limits["reports"]
        assert status["neighbours"]["Gasol"] == {"up": True, "times_up": 1, "owed": 0}
        herd.all_know("kiwi", herd.report("Hill", "kiwi"))
        for name in names:
            assert "Traceback" not in herd.errors(name) + herd.output(name)
            assert herd.processes[name].poll() is None
