"""Fan-out through Celery to many warm followers, and its effect on a reader."""

import time
from collections.abc import Callable
from functools import partial

from bench import engine, world
from bench.context import Bench, Workers, wait_until
from bench.delivery import counter, post, seconds_of, until_delivered, until_finished
from bench.naive import tasks as naive
from bench.peers import stream_framework
from bench.reader import reading
from bench.report import Group, Row
from bench.rounds import Sample, Timed, interleave, number, percentile, ratio
from chirp import ids
from chirp.redis.client import client
from timelines import celebrities

LENGTH = 800
READ_EVERY_MS = 2.0


OTHERS = (
    ("naive", "ZADD and trim in pipelines, tasks of 100", 4.0),
    ("loop", "the same script in a bare loop, no Celery, one process", 0.8),
)
PEER = f"Stream-Framework {stream_framework.VERSION}, its Manager, RedisFeed and tasks, 2 processes"
HOW = (
    "Chirp's time is from before the transaction of the post until the tasks of its fan-out are "
    "done: posting, relaying, tasks, checks in Postgres and pushes. The naive time includes "
    "sending its tasks, without checks. CPU is that of workers, relay, sender, Postgres and "
    "Valkey together, per delivery, with all that the post has left to do, such as its document "
    "for search; the next post waits for that."
)


def measure(bench: Bench) -> Group:
    """Compare Chirp with a bare loop, a naive pipeline and the peer; and measure a reader."""
    group = Group("Fan-out")
    author, followers = _create_audience(bench.scale.followers)
    with bench.workers() as workers:
        _fill(followers, ids.draw(LENGTH))
        one = _compared(bench, workers, author, followers, posts=1)
        burst = _compared(bench, workers, author, followers, posts=bench.scale.burst)
        _server_cost(group, followers)
        _reader(bench, group, author, followers)
    _assert_full(followers)
    peer, reader_rows = _peer(bench, group), group.rows
    group.rows = []
    _rows(group, bench.scale.followers, one, peer.one if peer else None, posts=1)
    _rows(
        group, bench.scale.followers, burst, peer.burst if peer else None, posts=bench.scale.burst
    )
    group.rows += reader_rows
    return group


def _create_audience(number_: int) -> tuple[int, list[int]]:
    (author,) = world.create_accounts(1)
    followers = world.create_accounts(number_)
    world.follow((follower, author) for follower in followers)
    # Always pushed, regardless of the number of followers: the row measures pushes.
    celebrities.set_override(author=world.account(author), decision="push")
    return author, followers


def _fill(followers: list[int], filled: list[int]) -> None:
    """Fill the timelines of all followers, those of Chirp and the naive ones."""
    engine.filler().flushdb()
    engine.warm(followers[0], filled)
    engine.copy(followers[0], followers[1:])
    client().zadd("naive:template", {str(id_): id_ for id_ in filled})
    engine.copy_key("naive:template", (f"naive:{follower}" for follower in followers))


def _assert_full(followers: list[int]) -> None:
    """Check that the pushes went into full timelines, and were trimmed (the store trims late)."""
    assert LENGTH * 15 // 16 <= engine.length(followers[-1]) <= LENGTH
    assert client().zcard(f"naive:{followers[-1]}") == LENGTH


def _compared(
    bench: Bench, workers: Workers, author: int, followers: list[int], *, posts: int
) -> dict[str, Timed]:
    work: dict[str, Callable[[], object]] = {
        "chirp": lambda: _post_and_deliver(author, posts),
        "loop": lambda: engine.push(ids.draw(posts), followers),
        "naive": lambda: _naive(author, posts),
    }
    if posts == 1:
        for warm_up in work.values():  # connections and scripts
            warm_up()
    cpu: dict[str, list[float]] = {name: [] for name in work}

    def measured(name: str) -> float:
        used = _cpu(bench, workers)
        took = seconds_of(work[name])
        until_finished()
        cpu[name].append(_cpu(bench, workers) - used)
        return took

    candidates = {name: partial(measured, name) for name in work}
    rounds = bench.scale.rounds if posts == 1 else max(1, bench.scale.rounds - 3)
    walls = interleave(candidates, rounds=rounds)
    return {name: Timed(walls[name], Sample(tuple(cpu[name]))) for name in work}


def _cpu(bench: Bench, workers: Workers) -> float:
    return workers.cpu() + sum(bench.server_cpu().values()) + time.process_time()


def _post_and_deliver(author: int, posts: int = 1) -> None:
    for _ in range(posts):
        post(author)
    until_delivered()


def _naive(author: int, posts: int) -> None:
    done, due = counter(naive.DONE), 0
    for tweet_id in ids.draw(posts):
        due += naive.fan_out_pipelined(tweet_id=tweet_id, author_id=author)
    wait_until(lambda: counter(naive.DONE) >= done + due, "The naive fan-out hangs.", pause=0.003)


def _rows(
    group: Group, followers: int, found: dict[str, Timed], peer: Timed | None, *, posts: int
) -> None:
    """Add a row for each comparison. Only one post has goals; a burst has none."""
    chirp, deliveries = found["chirp"], posts * followers
    what = "one post" if posts == 1 else f"{posts} posts at once"
    what = f"Fan-out of {what} to {followers:,} warm followers, full at {LENGTH}, 2 processes"
    others = [(found[name], title, goal) for name, title, goal in OTHERS]
    if peer is not None:
        others.append((peer, PEER, 25.0))
    for other, title, goal in others:
        times = _times(chirp, other)
        by_cpu = other.cpu.median / max(chirp.cpu.median, 0.001)
        group.rows.append(
            Row(
                what,
                _time_and_cpu(chirp, deliveries),
                f"{title}: {_time_and_cpu(other, deliveries)}",
                f"{times:.2f}× (by CPU {by_cpu:.2f}×)",
                f"≥ {goal:g}×" if posts == 1 else "",
                times >= goal if posts == 1 else None,
            )
        )


def _times(chirp: Timed, other: Timed) -> float:
    if len(chirp.wall.values) == len(other.wall.values):
        return ratio(other.wall, chirp.wall)
    return other.wall.median / chirp.wall.median


def _time_and_cpu(timed: Timed, deliveries: int) -> str:
    rate, cpu = deliveries / timed.wall.median, 1e6 * timed.cpu.median / deliveries
    return f"{timed.wall.summary(' s')}, {number(rate)}/s, {number(cpu)} µs CPU each"


def _peer(bench: Bench, group: Group) -> stream_framework.Peer | None:
    group.notes.append(HOW)
    try:
        peer = stream_framework.fan_out(bench, followers=bench.scale.followers, length=LENGTH)
    except stream_framework.CannotRun as error:
        group.notes.append(f"Stream-Framework cannot be made to run: {error}")
        return None
    group.notes.append(stream_framework.HOW)
    return peer


def _server_cost(group: Group, followers: list[int]) -> None:
    """Add a row on the limit of all clients: Valkey's time for a push, on its single thread."""
    script = engine.server_us(lambda: engine.push(ids.draw(), followers)) / len(followers)
    keys = [f"naive:{follower}" for follower in followers]
    plain = engine.server_us(lambda: engine.add_plain(ids.draw()[0], keys)) / len(keys)
    group.rows.append(
        Row(
            "Valkey's own time for one push into a full timeline (its statistics), one thread",
            f"{number(script)} µs, so at most {number(1e6 / script)}/s",
            f"ZADD alone, no trim, no check: {number(plain)} µs, {number(1e6 / plain)}/s",
            f"{script / plain:.2f}×",
        )
    )
    engine.trim_plain(keys, LENGTH)


def _reader(bench: Bench, group: Group, author: int, followers: list[int]) -> None:
    """Add a row on the p99 of reads when idle, and during continuous fan-outs."""
    seconds = bench.scale.seconds * 2
    with reading(bench, followers[len(followers) // 2], seconds, every_ms=READ_EVERY_MS) as idle:
        pass
    with reading(bench, followers[len(followers) // 2], seconds, every_ms=READ_EVERY_MS) as busy:
        posts = 0
        engine.filler().config_resetstat()
        while busy.running():
            _post_and_deliver(author)
            posts += 1
    held = engine.script_ms()
    calm, p99 = 1000 * percentile(idle.seconds, 0.99), 1000 * percentile(busy.seconds, 0.99)
    group.rows.append(
        Row(
            f"Redis p99 of a reader (20 ids) while {posts} fan-outs run, one after another",
            f"{p99:.2f} ms of {len(busy.seconds)} reads, median "
            f"{1000 * percentile(busy.seconds, 0.5):.2f} ms",
            f"the same while nothing runs: {calm:.2f} ms; one script call holds Valkey for "
            f"{number(held)} ms",
            f"{p99 / calm:.1f}×",
            "≤ 3 ms",
            p99 <= 3,
        )
    )
