"""Runs each client as a program of its own, and says what was wrong."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.mastodon import toot_commands
from tools.mastodon.checking import checking
from tools.mastodon.forms import FORMS
from tools.mastodon.people import Somebody, register

HERE = Path(__file__).parent / "programs"
MASTO = HERE / "masto.mjs"
NOT_THERE = "NOT RUN: there is no masto.js (npm ci in tools/mastodon/programs)"


@dataclass(frozen=True)
class Result:
    """What became of one client: `wrong` is empty if every call worked."""

    client: str
    calls: int
    wrong: str


def run_all(base: str, directory: Path, *, workers: bool) -> Iterator[Result]:
    """Run all clients. `workers` is whether there are any, who process uploads and notify."""
    # Each has an account of its own, because of the limits of requests for one.
    first, second, third, other = (register(base, name) for name in ("py", "toot", "js", "other"))
    with checking(base) as (address, checked):
        yield mastodon_py(address, first, other, workers=workers)
        yield toot(address, second, other, directory)
        yield masto_js(address, third, other)
    kinds = f"answers by {len(checked.seen)} of {len(FORMS)} endpoints, in their strict forms"
    yield Result(kinds, checked.seen.total(), "\n".join(checked.wrong))
    yield from streams(base, third.token)


def mastodon_py(base: str, me: Somebody, other: Somebody, *, workers: bool) -> Result:
    """Every call of Mastodon.py that Chirp answers."""
    options = ["workers"] if workers else []
    arguments = [base, me.token, other.token, other.handle, other.id, *options]
    return _program("Mastodon.py", [sys.executable, "-I", str(HERE / "mastodon_py.py"), *arguments])


def toot(
    base: str, me: Somebody, other: Somebody, directory: Path, *, short: bool = False
) -> Result:
    """The commands of toot."""
    done = list(toot_commands.run(base, me, other, directory, short=short))
    wrong = "\n".join(f"FAILED toot {command}\n{output}" for command, output in done if output)
    return Result("toot", len(done), wrong)


def masto_js(base: str, me: Somebody, other: Somebody) -> Result:
    """Calls of masto.js, if it is installed beside this file."""
    if not _has_masto():
        return Result("masto.js", 0, NOT_THERE)
    return _program("masto.js", ["node", str(MASTO), base, me.token, other.id])


def streams(base: str, token: str) -> Iterator[Result]:
    """Mastodon.py and masto.js listen to streams. The site needs the process that serves them."""
    program = str(HERE / "stream_py.py")
    yield _program("streams of Mastodon.py", [sys.executable, "-I", program, base, token])
    if not _has_masto():
        yield Result("streams of masto.js", 0, NOT_THERE)
        return
    node = ["node", "--experimental-websocket"]  # for Node 20; later ones have it anyway
    yield _program("streams of masto.js", [*node, str(HERE / "stream.mjs"), base, token])


def _has_masto() -> bool:
    return shutil.which("node") is not None and (HERE / "node_modules" / "masto").is_dir()


def _program(client: str, command: list[str]) -> Result:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=HERE
    )
    lines = done.stdout.splitlines()
    calls = sum(line.startswith("ok ") for line in lines)
    return Result(client, calls, "" if done.returncode == 0 else done.stdout + done.stderr)
