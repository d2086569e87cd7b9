"""Fan-out through Celery to many warm followers, and what a reader feels of it."""

from bench import engine, world
from bench.context import Bench, wait_until
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


def measure(bench: Bench) -> Group:
    """Ours, the bare loop, the naive pipeline; then the peer; then a reader beside ours."""
    group = Group("Fan-out")
    author, followers = _audience(bench.scale.followers)
    filled = ids.draw(LENGTH)
    with bench.workers():
        found = _compared(bench, author, followers, filled)
        _rows(group, found, bench.scale.followers)
        _reader(bench, group, author, followers)
    _peer(bench, group, found["ours"], filled)
    return group


def _audience(number_: int) -> tuple[int, list[int]]:
    (author,) = world.people(1)
    followers = world.people(number_)
    world.follow(((follower, author) for follower in followers))
    # Pushed however many follow: the row is about pushing.
    from timelines import celebrities

    celebrities.set_override(author=world.person(author), decision="push")
    return author, followers


def _compared(
    bench: Bench, author: int, followers: list[int], filled: list[int]
) -> dict[str, Sample]:
    engine.filler().flushdb()
    engine.warm(followers[0], filled)
    engine.copy(followers[0], followers[1:])
    client().zadd("naive:template", {str(id_): id_ for id_ in filled})
    engine.copy_key("naive:template", (f"naive:{follower}" for follower in followers))
    candidates = {
        "ours": lambda: seconds_of(lambda: _ours(author)),
        "loop": lambda: seconds_of(lambda: engine.push(ids.draw(1), followers)),
        "naive": lambda: seconds_of(lambda: _naive(author)),
    }
    interleave(candidates, rounds=1)  # the first round warms connections and scripts
    found = interleave(candidates, rounds=bench.scale.rounds)
    assert engine.length(followers[-1]) == LENGTH
    assert client().zcard(f"naive:{followers[-1]}") == LENGTH
    return found


def _ours(author: int) -> None:
    post(author)
    until_delivered()


def _naive(author: int) -> None:
    done = counter(naive.DONE)
    (tweet_id,) = ids.draw()
    owed = naive.fan_out_pipelined(tweet_id=tweet_id, author_id=author)
    wait_until(lambda: counter(naive.DONE) >= done + owed, "The naive fan-out hangs.", pause=0.002)


def _rows(group: Group, found: dict[str, Sample], followers: int) -> None:
    measured = _shown(found["ours"], followers)
    what = f"Fan-out of one post to {followers:,} warm followers, full at {LENGTH}, 2 processes"
    for name, title, goal in (
        ("naive", "ZADD and trim in pipelines, tasks of 100", 4.0),
        ("loop", "the same script in a bare loop, no Celery, one process", 0.8),
    ):
        times = ratio(found[name], found["ours"])
        beside = f"{title}: {_shown(found[name], followers)}"
        group.rows.append(
            Row(what, measured, beside, f"{times:.2f}×", f"≥ {goal}×", times >= goal)
        )
    group.notes.append(
        "Ours is the time from before the post's transaction until its event is struck out: posting, "
        "relaying, range tasks, checks in Postgres and pushes, one post at a time. The naive one "
        "includes sending its tasks, and checks nothing."
    )


def _shown(sample: Sample, followers: int) -> str:
    return f"{sample.shown(' s')}, {number(followers / sample.median)} deliveries/s"


def _peer(bench: Bench, group: Group, ours: Sample, filled: list[int]) -> None:
    what = f"The same beside Stream-Framework {stream_framework.VERSION}"
    goal = "≥ 25×"
    try:
        peer = stream_framework.fan_out(bench, followers=bench.scale.followers, length=LENGTH)
    except stream_framework.CannotRun as error:
        group.rows.append(Row(what, "", f"it cannot be made to run: {error}", "", goal, None))
        return
    times = peer.seconds.median / ours.median
    beside = f"its Manager, RedisFeed and Celery tasks, 2 processes: {_shown(peer.seconds, bench.scale.followers)}"
    measured = _shown(ours, bench.scale.followers)
    group.rows.append(Row(what, measured, beside, f"{times:.1f}×", goal, times >= 25))
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
