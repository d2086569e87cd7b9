"""This version beside another one, both running: `script/bench --against COMMIT`."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import load
from bench.context import CHECKOUT, Bench, Site, cpu_seconds
from bench.figures import mix
from bench.figures.home import HOME, LISTED
from bench.load import Load
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, ratio
from bench.single_requests import Headers, get, post, post_ms

SIDE = Path(__file__).parents[1] / "side.py"
SIDES = ("now", "then")
WARMING = 30  # requests, so that all processes have prepared their statements
HOME_GOAL, PAGE_GOAL, MIX_GOAL = 1.8, 2.0, 2.0  # times the rate of the other version


class NoVersion(Exception):
    """There is no such commit, or it does not run."""


@dataclass(frozen=True, slots=True)
class Side:
    """A version that runs; `told` is what bench/side.py prints."""

    site: Site
    told: dict[str, Any]
    process: subprocess.Popen[str]

    def lag(self) -> float:
        """The age of the oldest pending event, in seconds."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("lag\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def server_cpu(self) -> dict[str, float]:
        """CPU seconds that its Postgres and Valkey have used so far, by name."""
        return {name: cpu_seconds(pid) for name, pid in self.told["servers"].items()}

    def author(self, number: int) -> tuple[str, Headers]:
        """The handle of an account that the reader follows, and the headers of its requests."""
        author = self.told["authors"][number]
        return author["handle"], {"Authorization": f"Bearer {author['token']}"}

    def paths(self) -> dict[str, str]:
        """The pages that are compared, by name. Posts what they show."""
        handle, headers = self.author(0)
        asked = post(self.site, "/api/tweets", headers, {"text": "Who is there?"})["id"]
        for n in range(len(self.told["authors"])):
            name, author = self.author(n)
            post(self.site, "/api/tweets", author, {"text": f"From {name} #bench"})
            answer = {"text": f"Here is {name}", "reply_to_id": asked}
            post(self.site, "/api/tweets", author, answer)
        return {
            "home, JSON": HOME,
            "home, the page": "/",
            "a user's tweets": f"/api/users/{handle}/tweets?limit=20",
            "a thread": f"/api/tweets/{asked}/thread",
            "a hashtag": "/api/timelines/hashtag/bench?limit=20",
            "the public timeline": "/api/timelines/public?limit=20",
        }


def measure(bench: Bench) -> Group:
    """Compare the rates of pages and posts, and the rate of the mix that is held."""
    group = Group(f"Beside {bench.against}")
    checkout = _checkout(bench)
    with _started(bench, CHECKOUT) as one, _started(bench, checkout) as other:
        now, then = _side(one), _side(other)
        _reading(bench, now, then, group)
        _posting(bench, now, then, group)
        _mix(bench, now, then, group)
    group.notes.append(
        "Each version runs with the packages that it names, and has its own servers, web "
        "processes and workers. Both have the same accounts and tweets, made by their own bench. "
        f"Pages are asked for by {load.client_name()} on {load.CONNECTIONS} connections, with a "
        "token, the page of home with a session. CPU is that of the web, Postgres and Valkey for "
        "one request."
    )
    return group


def _checkout(bench: Bench) -> Path:
    """The directory of the other version: the one that was named, or a copy of the commit.

    The copy, and its virtual environment, are kept for the next run. Raises NoVersion.
    """
    if Path(bench.against).is_dir():
        return Path(bench.against).absolute()
    commit = _output(
        "git", "rev-parse", "--verify", "--end-of-options", f"{bench.against}^{{commit}}"
    )
    copy = bench.cache / "versions" / commit.decode().strip()
    if not copy.exists():
        with tarfile.open(fileobj=io.BytesIO(_output("git", "archive", copy.name))) as archive:
            archive.extractall(copy)
    _output("bash", "-c", ". script/venv && make_venv", cwd=copy)
    return copy


def _output(*command: str, cwd: Path = CHECKOUT) -> bytes:
    """What a command prints. It makes no use of this version's environment. Raises NoVersion."""
    env = {name: value for name, value in os.environ.items() if name != "CHIRP_VENV"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True)
    if done.returncode:
        raise NoVersion(done.stderr.decode(errors="replace").strip())
    return done.stdout


def _started(bench: Bench, checkout: Path) -> subprocess.Popen[str]:
    """Start the version in this directory. It ends with its input, at the end of a block."""
    plan = {
        "graph": bench.graph and str(bench.graph.absolute()),
        "smoke": bench.smoke,
        "authors": LISTED,
    }
    own_python = checkout / ".venv" / "bin" / "python"
    python = str(own_python) if own_python.exists() else sys.executable
    return subprocess.Popen(
        [python, "-P", str(SIDE), json.dumps(plan)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _side(process: subprocess.Popen[str]) -> Side:
    """The version of this process, once it answers. Raises NoVersion."""
    assert process.stdout
    line = next((line for line in process.stdout if line.startswith("{")), None)
    if line is None:
        raise NoVersion("It did not start: see the errors above.")
    told = json.loads(line)
    return Side(Site(told["url"], told["web"]), told, process)


def _reading(bench: Bench, now: Side, then: Side, group: Group) -> None:
    sides = {"now": now, "then": then}
    paths = {name: side.paths() for name, side in sides.items()}
    for page in paths["now"]:
        key = "session" if page == "home, the page" else "token"
        loads: dict[str, list[Load]] = {name: [] for name in sides}

        def rate(name: str, page: str, key: str, loads: dict[str, list[Load]]) -> float:
            side = sides[name]
            found = load.measure_load(
                side.site,
                paths[name][page],
                side.told[key],
                seconds=bench.scale.seconds,
                server_cpu=side.server_cpu,
            )
            loads[name].append(found)
            return found.rate

        for name, side in sides.items():
            for _ in range(1 if bench.smoke else WARMING):
                get(side.site, paths[name][page], side.told[key])
        candidates = {name: partial(rate, name, page, key, loads) for name in sides}
        rates = interleave(candidates, rounds=bench.scale.rounds)
        goal = {"home, JSON": HOME_GOAL, "home, the page": PAGE_GOAL}.get(page)
        group.rows.append(_rate_row(f"GET {page}", rates, loads, goal))


def _rate_row(
    what: str, rates: dict[str, Sample], loads: dict[str, list[Load]], goal: float | None
) -> Row:
    cpu = {name: Sample(tuple(each.all_cpu_ms for each in some)) for name, some in loads.items()}
    times, by_cpu = ratio(rates["now"], rates["then"]), ratio(cpu["then"], cpu["now"])
    measured, other = (
        f"{rates[name].summary('/s')}, {number(cpu[name].median)} ms CPU" for name in SIDES
    )
    return Row(
        what,
        measured,
        other,
        f"{times:.2f}× (by CPU {by_cpu:.2f}×)",
        f"≥ {goal:g}×" if goal else "",
        times >= goal if goal else None,
    )


def _posting(bench: Bench, now: Side, then: Side, group: Group) -> None:
    def milliseconds(side: Side) -> float:
        return post_ms(side.site, "/api/tweets", side.author(0)[1], {"text": "Good morning"})

    candidates: dict[str, Callable[[], float]] = {
        "now": partial(milliseconds, now),
        "then": partial(milliseconds, then),
    }
    took = interleave(candidates, rounds=bench.scale.singles)
    measured, other = (took[name].summary(" ms") for name in SIDES)
    times = ratio(took["then"], took["now"])
    group.rows.append(Row("POST a tweet", measured, other, f"{times:.2f}×"))


def _mix(bench: Bench, now: Side, then: Side, group: Group) -> None:
    held = {}
    for name, side in (("now", now), ("then", then)):
        target = mix.Target(side.site.url, mix.Town(**side.told["mix"]), side.lag)
        _, tried = mix.find_rate(bench, target)
        held[name] = tried[-1]
        group.notes.append(f"The mix, {name}: {'; '.join(map(mix.summary, tried))}.")
    times = held["now"].rate / held["then"].rate
    good = held["now"].good and held["then"].good
    group.rows.append(
        Row(
            f"The mix, held for {bench.scale.mix_seconds:g} s",
            mix.summary(held["now"]),
            mix.summary(held["then"]),
            f"{times:.2f}×",
            f"≥ {MIX_GOAL:g}×",
            good and times >= MIX_GOAL,
        )
    )
