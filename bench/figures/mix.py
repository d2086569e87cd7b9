"""The mix of DeathStarBench's social network, on a graph of a thousand accounts."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import engine, graphs, world
from bench.context import CHECKOUT, Bench, wait_until
from bench.report import Group, Row
from bench.rounds import number, percentile
from bench.world import Draft
from outbox import services as outbox
from timelines import services

TWEETS_EACH = 8
SAMPLE_SECONDS = 0.1
P99_MS, LAG_SECONDS = 100, 1.0
SHARES = (0.85, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1)  # of the maximum rate of the server


@dataclass(frozen=True, slots=True)
class Town:
    """The access tokens of the clients, by handle, and the ids of all tweets."""

    tokens: dict[str, str]
    ids: list[int]


@dataclass(frozen=True, slots=True)
class Target:
    """A site with a town. `lag` returns the age of its oldest pending event, in seconds."""

    url: str
    town: Town
    lag: Callable[[], float]


@dataclass(frozen=True, slots=True)
class RateResult:
    """The result of a run at one rate (requests per second). `lag` is in seconds."""

    rate: float
    requests: int
    p50_ms: float
    p99_ms: float
    lag: float
    errors: Counter[str]

    @property
    def good(self) -> bool:
        """Whether the rate was held."""
        return not self.errors and self.p99_ms <= P99_MS and self.lag <= LAG_SECONDS


def measure(bench: Bench) -> Group:
    """Find the highest rate that short runs sustain, and run it for the full duration."""
    engine.filler().flushdb()
    group = Group("The mix of DeathStarBench")
    town = create_town(bench)
    with bench.web() as site, bench.workers():
        most, tried = find_rate(bench, Target(site.url, town, outbox.lag_seconds))
    held = tried[-1]
    group.rows.append(_row(bench, held, most))
    group.notes += [
        f"Tried: {'; '.join(summary(each) for each in tried)}.",
        "60 % home, 30 % tweets of an account, 10 % posts, ten entries, from a random depth among "
        "the newest thousand tweets; requests at random moments (Poisson), timed from when they "
        "were due. Lag is the age of the oldest pending event, sampled ten times a second.",
    ]
    return group


def find_rate(bench: Bench, target: Target) -> tuple[RateResult, list[RateResult]]:
    """Find the rate that a site can hold. Returns its maximum, and each rate that was tried.

    Runs at decreasing rates: short runs until one is good, then a long run, at most twice. The last
    is the one that was held, if it is good.
    """
    _run(bench, target, rate=0, seconds=min(3.0, bench.scale.mix_probe_seconds))
    most = _run(bench, target, rate=0, seconds=bench.scale.mix_probe_seconds)
    tried: list[RateResult] = []
    long = 0
    shares = list(SHARES[-1:] if bench.smoke else SHARES)
    for share in shares:
        rate = share * most.rate
        tried.append(_run(bench, target, rate=rate, seconds=bench.scale.mix_probe_seconds))
        if tried[-1].good or share == shares[-1]:
            tried.append(_run(bench, target, rate=rate, seconds=bench.scale.mix_seconds))
            long += 1
            if tried[-1].good or long == 2:
                break
    return most, tried


def _row(bench: Bench, held: RateResult, most: RateResult) -> Row:
    graph = bench.graph.name if bench.graph else "a graph made here, of Reed98's size"
    verdict = "held" if held.good else "NOT held, the lowest tried:"
    return Row(
        f"Mix 60/30/10 on {graph}, {bench.scale.mix_seconds:g} s",
        f"{verdict} {number(held.rate)}/s: p99 {number(held.p99_ms)} ms, median "
        f"{number(held.p50_ms)} ms, lag at most {held.lag:.2f} s, {held.errors.total()} errors "
        f"of {held.requests:,}",
        f"the same mix as fast as four clients can: {number(most.rate)}/s, "
        f"p99 {number(most.p99_ms)} ms",
        f"{held.rate / most.rate:.2f}×",
        f"p99 ≤ {P99_MS} ms, no error, lag ≤ {LAG_SECONDS:g} s",
        held.good,
    )


def summary(held: RateResult) -> str:
    """A rate, and what came of it, as text."""
    wrong = f", errors {dict(held.errors)}" if held.errors else ""
    verdict = "held" if held.good else "not held"
    return (
        f"{number(held.rate)}/s {verdict} (p99 {number(held.p99_ms)} ms, "
        f"lag {held.lag:.2f} s{wrong})"
    )


def create_town(bench: Bench) -> Town:
    """Create the accounts of a graph, who follow each other, and their tweets."""
    edges = graphs.read(bench.graph) if bench.graph else graphs.make(smoke=bench.smoke)
    names = sorted({name for edge in edges for name in edge})
    made = dict(zip(names, world.create_accounts(len(names)), strict=True))
    pairs = [(made[a], made[b]) for a, b in edges]
    world.follow(pairs + [(b, a) for a, b in pairs])
    rng = random.Random(6)
    authors = [person for person in made.values() for _ in range(TWEETS_EACH)]
    rng.shuffle(authors)
    ids = world.insert_tweets([Draft(author, world.sentence(rng)) for author in authors])
    world.execute("ANALYZE")
    for person in made.values():
        services.populate(viewer_id=person)
    people = [world.account(person) for person in made.values()]
    return Town({person.handle: world.token(person.pk) for person in people}, ids)


def _run(bench: Bench, target: Target, *, rate: float, seconds: float) -> RateResult:
    """Run the clients in a separate process, and sample the lag meanwhile."""
    plan: Path = bench.var / "plan.json"
    what = {"url": target.url, "rate": rate, "seconds": seconds}
    plan.write_text(json.dumps({**what, **asdict(target.town)}))
    command = [sys.executable, "-m", "bench.mixer", str(plan)]
    lag = 0.0
    with (bench.var / "mix.json").open("w+") as output:
        clients = subprocess.Popen(command, cwd=CHECKOUT, stdout=output)
        while clients.poll() is None:
            lag = max(lag, target.lag())
            time.sleep(SAMPLE_SECONDS)
        output.seek(0)
        found = json.load(output)
    wait_until(lambda: target.lag() == 0, "Not everything is delivered.", pause=SAMPLE_SECONDS)
    took = [1000 * value for value in found["took"]] or [float("inf")]
    return RateResult(
        rate=rate or len(took) / seconds,
        requests=sum(found["kinds"].values()),
        p50_ms=percentile(took, 0.5),
        p99_ms=percentile(took, 0.99),
        lag=lag,
        errors=Counter(found["errors"]),
    )
