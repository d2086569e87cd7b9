"""Nonsense on both ports, for HERD_FUZZ_SECONDS (`script/test herd` gives it a minute)."""

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
GROWTH = 16 * 1024 * 1024  # bytes that may come and go with connections
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


class Noise:
    """Lines by chance, most of them nearly right, and others every time."""

    def __init__(self) -> None:
        self.chance = random.Random()

    def line(self) -> bytes:
        kind = self.chance.random()
        if kind < 0.02:
            made = self.chance.randbytes(self.chance.randint(65_000, 200_000))
        elif kind < 0.2:
            made = self.chance.randbytes(self.chance.randint(0, 100))
        elif kind < 0.5:
            made = self._command()
        elif kind < 0.7:
            made = self._bend(self._command())
        else:
            made = self._fields()
        return made.replace(b"\n", b"")

    def _command(self) -> bytes:
        client = b"client-%d" % self.chance.randint(0, 10**9)
        return self.chance.choice(
            [
                b"IAMAT %s +34.068930-118.445127 %d.5" % (client, self.chance.randint(1, 10**9)),
                b"WHATSAT kiwi %d %d" % (self.chance.randint(0, 120), self.chance.randint(0, 120)),
                b"STATUS",
            ]
        )

    def _bend(self, line: bytes) -> bytes:
        at = self.chance.randrange(len(line))
        return line[:at] + self.chance.randbytes(1) + line[at + self.chance.randint(0, 2) :]

    def _fields(self) -> bytes:
        many = self.chance.randint(0, 8)
        words = [self.chance.choice(WORDS), *(self.chance.choice(FIELDS) for _ in range(many))]
        return b"".join(word + self.chance.choice(SPACES) for word in words)


def expect(phone: Client, line: bytes) -> None:
    """The right kind of answer to this line."""
    answer = phone.say(line)
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
            assert phone.lines.readline().startswith(b"{")
            assert phone.lines.readline() == end
        case Status():
            assert answer.startswith(b"{")


def knock(port: int, noise: Noise) -> None:
    """Say something at the port for neighbours, and be sent away."""
    with socket.create_connection((HOST, port)) as stranger:
        try:
            stranger.sendall(noise.line() + b"\n" + noise.line() + b"\n")
            while stranger.recv(65536):
                pass
        except ConnectionError:
            pass


@pytest.mark.timeout(SECONDS + 120)
def test_nothing_brings_it_down_and_nothing_makes_it_grow(tmp_path: Path) -> None:
    noise = Noise()
    limits: dict[str, float] = {"reports": 500}
    names = ["Hill", "Gasol"]
    with Chirp() as chirp, Herd(tmp_path, names=names, chirp=chirp.url, limits=limits) as herd:
        hill = psutil.Process(herd.processes["Hill"].pid)
        begun, before = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < SECONDS:
            chirp.asked.clear()
            with herd.client("Hill") as phone:
                for _ in range(200):
                    expect(phone, noise.line())
            knock(herd.ports["Hill"]["peers"], noise)
            if not before and passed > SECONDS / 4:
                before = hill.memory_info().rss
        after = hill.memory_info().rss
        status = herd.status("Hill")
        assert after - before < GROWTH
        assert status["reports"] <= limits["reports"]
        assert status["neighbours"]["Gasol"] == {"up": True, "times_up": 1, "owed": 0}
        herd.all_know("kiwi", herd.report("Hill", "kiwi"))
        for name in names:
            assert "Traceback" not in herd.errors(name) + herd.said(name)
            assert herd.processes[name].poll() is None
