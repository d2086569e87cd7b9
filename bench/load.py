"""HTTP load: as many requests as the server takes, by wrk, or by a client of ours without it."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.context import CHECKOUT, Bench, Site

CONNECTIONS = 2
SCRIPT = Path(__file__).with_name("wrk.lua")


class BadAnswers(Exception):
    """Not all answers were good: nothing was measured."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load gave. CPU is in milliseconds for one request."""

    rate: float
    p99_ms: float
    cpu_ms: float
    servers_cpu_ms: dict[str, float]


def hammer(bench: Bench, site: Site, path: str, headers: dict[str, str] | None = None) -> Load:
    """Ask for a path over and over for the seconds of a round, on two connections."""
    web, servers = site.cpu(), bench.server_cpu()
    told = _told(site.url + path, headers or {}, bench.scale.seconds)
    requests = max(told["requests"], 1)
    if told["bad"] or not told["requests"]:
        raise BadAnswers(f"{path}: {told}")
    after = bench.server_cpu()
    return Load(
        rate=told["requests"] / told["seconds"],
        p99_ms=told["p99_ms"],
        cpu_ms=1000 * (site.cpu() - web) / requests,
        servers_cpu_ms={n: 1000 * (after[n] - used) / requests for n, used in servers.items()},
    )


def client_name() -> str:
    """What makes the load."""
    return "wrk" if shutil.which("wrk") else "bench/client.py (Python)"


def _told(url: str, headers: dict[str, str], seconds: float) -> dict[str, float]:
    wrk = shutil.which("wrk")
    # wrk counts in whole seconds.
    command = (
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", f"-s{SCRIPT}"]
        if wrk
        else [sys.executable, "-m", "bench.client", "--seconds", str(seconds)]
    )
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(
        [*command, url], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=120
    )
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told
