"""Fan-out through Celery to many warm followers, and what a reader feels of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench import engine, world
from bench.context import Bench, Workers, wait_until
from bench.delivery import counter, post, seconds_of, until_delivered
from bench.naive import tasks as naive
from bench.peers import stream_framework
from bench.reader import reading
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, percentile, ratio
from chirp import ids
from chirp.redis import client

LENGTH = 800
READ_EVERY_MS = 2.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds on the clock, and of CPU of all that took part: workers, relay, sender, servers."""

    wall: Sample
    cpu: Sample


def measure(bench: Bench) -> Group:
    """Ours, the bare loop, the naive pipeline; then the peer; then a reader beside ours."""
    group = Group("Fan-out")
    author, followers = _audience(bench.scale.followers)
    filled = ids.draw(LENGTH)
    with bench.workers() as workers:
        found = _compared(bench, workers, author, followers, filled)
        _rows(group, found, bench.scale.followers)
        _reader(bench, group, author, followers)
    _peer(bench, group, found["ours"])
    return group


def _audience(number_: int) -> tuple[int, list[int]]:
    (author,) = world.people(1)
    followers = world.people(number_)
    world.follow((follower, author) for follower in followers)
    # Pushed however many follow: the row is about pushing.
    from timelines import celebrities

    celebrities.set_override(author=world.person(author), decision="push")
    return author, followers


def _compared(
    bench: Bench, workers: Workers, author: int, followers: list[int], filled: list[int]
) -> dict[str, Timed]:
    engine.filler().flushdb()
    engine.warm(followers[0], filled)
    engine.copy(followers[0], followers[1:])
    client().zadd("naive:template", {str(id_): id_ for id_ in filled})
    engine.copy_key("naive:template", (f"naive:{follower}" for follower in followers))
    work: dict[str, Callable[[], object]] = {
        "ours": lambda: _ours(author),
        "loop": lambda: engine.push(ids.draw(1), followers),
        "naive": lambda: _naive(author),
    }
    for warm_up in work.values():  # connections and scripts
        warm_up()
    cpu: dict[str, list[float]] = {name: [] for name in work}

    def measured(name: str) -> float:
        used = _cpu(bench, workers)
        took = seconds_of(work[name])
        cpu[name].append(_cpu(bench, workers) - used)
        return took

    candidates = {name: partial(measured, name) for name in work}
    walls = interleave(candidates, rounds=bench.scale.rounds)
    found = {name: Timed(walls[name], Sample(tuple(cpu[name]))) for name in work}
    assert engine.length(followers[-1]) == LENGTH
    assert client().zcard(f"naive:{followers[-1]}") == LENGTH
    return found


def _cpu(bench: Bench, workers: Workers) -> float:
    return workers.cpu() + sum(bench.server_cpu().values()) + time.process_time()


def _ours(author: int) -> None:
    post(author)
    until_delivered()


def _naive(author: int) -> None:
    done = counter(naive.DONE)
    (tweet_id,) = ids.draw()
    owed = naive.fan_out_pipelined(tweet_id=tweet_id, author_id=author)
    wait_until(lambda: counter(naive.DONE) >= done + owed, "The naive fan-out hangs.", pause=0.002)


def _rows(group: Group, found: dict[str, Timed], followers: int) -> None:
    ours = found["ours"]
    what = f"Fan-out of one post to {followers:,} warm followers, full at {LENGTH}, 2 processes"
    for name, title, goal in (
        ("naive", "ZADD and trim in pipelines, tasks of 100", 4.0),
        ("loop", "the same script in a bare loop, no Celery, one process", 0.8),
    ):
        other = found[name]
        group.rows.append(
            _row(what, ours, f"{title}: {_shown(other, followers)}", other, followers, goal)
        )
    group.notes.append(
        "Ours is the time from before the post's transaction until its event is struck out: "
        "posting, relaying, range tasks, checks in Postgres and pushes, one post at a time. The "
        "naive one includes sending its tasks, and checks nothing. CPU is that of workers, relay, "
        "sender, Postgres and Valkey together."
    )


def _row(what: str, ours: Timed, beside: str, other: Timed, followers: int, goal: float) -> Row:
    paired = len(ours.wall.values) == len(other.wall.values)
    times = ratio(other.wall, ours.wall) if paired else other.wall.median / ours.wall.median
    by_cpu = other.cpu.median / max(ours.cpu.median, 0.001)
    shown = f"{times:.2f}× (by CPU {by_cpu:.2f}×)"
    return Row(what, _shown(ours, followers), beside, shown, f"≥ {goal:g}×", times >= goal)


def _shown(timed: Timed, followers: int) -> str:
    rate, cpu = followers / timed.wall.median, 1e6 * timed.cpu.median / followers
    return f"{timed.wall.shown(' s')}, {number(rate)}/s, {number(cpu)} µs CPU each"


def _peer(bench: Bench, group: Group, ours: Timed) -> None:
    followers = bench.scale.followers
    what = f"The same beside Stream-Framework {stream_framework.VERSION}"
    try:
        peer = stream_framework.fan_out(bench, followers=followers, length=LENGTH)
    except stream_framework.CannotRun as error:
        why = f"it cannot be made to run: {error}"
        group.rows.append(Row(what, _shown(ours, followers), why, "", "≥ 25×", None))
        return
    other = Timed(peer.seconds, peer.cpu)
    beside = f"its Manager, RedisFeed and Celery tasks, 2 processes: {_shown(other, followers)}"
    group.rows.append(_row(what, ours, beside, other, followers, 25.0))
    group.notes.append(peer.how)


def _reader(bench: Bench, group: Group, author: int, followers: list[int]) -> None:
    """The p99 of reads while nothing happens, and while fan-outs run without a pause."""
    seconds = bench.scale.seconds * 2
    with reading(bench, followers[len(followers) // 2], seconds, every_ms=READ_EVERY_MS) as idle:
        pass
    with reading(bench, followers[len(followers) // 2], seconds, every_ms=READ_EVERY_MS) as busy:
        posts = 0
        while busy.running():
            _ours(author)
            posts += 1
    calm, p99 = 1000 * percentile(idle.seconds, 0.99), 1000 * percentile(busy.seconds, 0.99)
    group.rows.append(
        Row(
            f"Redis p99 of a reader (20 ids) while {posts} fan-outs run, one after another",
            f"{p99:.2f} ms of {len(busy.seconds)} reads, median "
            f"{1000 * percentile(busy.seconds, 0.5):.2f} ms",
            f"the same while nothing runs: {calm:.2f} ms",
            f"{p99 / calm:.1f}×",
            "≤ 3 ms",
            p99 <= 3,
        )
    )
