"""Stream-Framework (formerly Feedly): its published code, in a separate virtual environment."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.context import Bench
from bench.rounds import Sample, Timed
from chirp.embedded_urls import valkey_socket

VERSION = "1.4.0"
FOREIGN = Path(__file__).with_name("foreign")
REQUIREMENTS = FOREIGN / "requirements-stream-framework.txt"
OLD_CLIENT = "redis==2.10.6"
TIMEOUT_SECONDS = 240
BROKER_DB = 2
HOW = (
    f"Stream-Framework {VERSION} from PyPI runs with {OLD_CLIENT}, Celery and Python of today, "
    "on the same Valkey and with the same number of processes. Only what keeps its modules from "
    "loading is patched (see `peers/foreign/stream_side.py`); its logic is unchanged. It gets its "
    "follower ids without a query, and does no checks."
)


class CannotRun(Exception):
    """Stream-Framework cannot be measured here. The message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The times of its fan-outs: of one activity, and of a burst."""

    one: Timed
    burst: Timed


def fan_out(bench: Bench, *, followers: int, length: int) -> Peer:
    """Measure its fan-out to full timelines. Raises CannotRun."""
    home = bench.cache / "stream-framework"
    _install(home)
    socket = valkey_socket(bench.var)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "STREAM_OLD_CLIENT": str(home / "old-client"),
        "STREAM_SOCKET": str(socket),
        "STREAM_BROKER": f"redis+socket://{socket}?virtual_host={BROKER_DB}",
        "STREAM_SERVER": str(bench.servers.valkey.pid),
        "STREAM_LENGTH": str(length),
        "STREAM_FOLLOWERS": str(followers),
        # Its tasks are pickled, which Celery refuses to read as root otherwise.
        "C_FORCE_ROOT": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    rounds, burst = max(1, bench.scale.rounds - 2), bench.scale.burst
    main = ["-c", "import stream_side; stream_side.main()"]
    numbers = map(str, (followers, length, rounds, burst))
    done = _run([str(home / "bin" / "python"), *main, *numbers], environment)
    output = json.loads(done.splitlines()[-1])
    return Peer(one=_timed(output["one"]), burst=_timed(output["burst"]))


def _timed(pairs: list[tuple[float, float]]) -> Timed:
    return Timed(Sample(tuple(wall for wall, _ in pairs)), Sample(tuple(cpu for _, cpu in pairs)))


def _install(home: Path) -> None:
    """Create its environment, unless it exists with the same requirements."""
    stamp = home / "installed"
    wanted = REQUIREMENTS.read_text() + OLD_CLIENT
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _run([sys.executable, "-m", "venv", "--clear", str(home)])
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    pip += ["--disable-pip-version-check", "--no-input"]
    _run([*pip, "--requirement", str(REQUIREMENTS)])
    _run([*pip, "--no-deps", "--target", str(home / "old-client"), OLD_CLIENT])
    stamp.write_text(wanted)


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=FOREIGN,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotRun(f"no end after {TIMEOUT_SECONDS} s") from None
    if done.returncode:
        raise CannotRun((done.stderr.strip() or "it fails").splitlines()[-1])
    return done.stdout
