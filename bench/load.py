"""HTTP load: as many requests as the server can answer, sent by wrk or by bench.client."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.context import CHECKOUT, Site

CONNECTIONS = 2
SCRIPT = Path(__file__).with_name("wrk.lua")


class ErrorResponses(Exception):
    """Some responses were errors, so the measurement is not valid."""


@dataclass(frozen=True, slots=True)
class Load:
    """The result of one round. `rate` is requests per second; CPU is milliseconds per request."""

    rate: float
    p99_ms: float
    cpu_ms: float
    servers_cpu_ms: dict[str, float]

    @property
    def all_cpu_ms(self) -> float:
        """The CPU of the web and the servers together."""
        return self.cpu_ms + sum(self.servers_cpu_ms.values())


def measure_load(
    site: Site,
    path: str,
    headers: dict[str, str],
    *,
    seconds: float,
    server_cpu: Callable[[], dict[str, float]],
) -> Load:
    """Request a path repeatedly for the duration of a round, on two connections.

    `server_cpu` returns the CPU seconds of Postgres and Valkey so far. Raises ErrorResponses.
    """
    web, servers = site.cpu(), server_cpu()
    result = _run_client(site.url + path, headers, seconds)
    requests = max(result["requests"], 1)
    if result["bad"] or not result["requests"]:
        raise ErrorResponses(f"{path}: {result}")
    after = server_cpu()
    return Load(
        rate=result["requests"] / result["seconds"],
        p99_ms=result["p99_ms"],
        cpu_ms=1000 * (site.cpu() - web) / requests,
        servers_cpu_ms={n: 1000 * (after[n] - used) / requests for n, used in servers.items()},
    )


def client_name() -> str:
    """The name of the program that makes the load."""
    return "wrk" if shutil.which("wrk") else "bench/client.py (Python)"


def _run_client(url: str, headers: dict[str, str], seconds: float) -> dict[str, float]:
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
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
