"""The time from a post over HTTP until it is in the last follower's home, when idle."""

from time import perf_counter

from bench import engine, single_requests, world
from bench.context import Bench, Site, wait_until
from bench.delivery import until_finished
from bench.floors import Inserts
from bench.report import Group, Row
from bench.rounds import number, percentile
from bench.single_requests import Headers
from chirp import ids

FILLED = 100  # ids in each timeline before the posts


def measure(bench: Bench) -> Group:
    """Measure two audiences; each post is next to one INSERT and COMMIT."""
    engine.filler().flushdb()
    group = Group("From a post to the home of its followers")
    with bench.web() as site, bench.workers():
        for followers, posts, goal in (
            (100, bench.scale.posts, 25),
            (bench.scale.many, bench.scale.posts * 2 // 3, 120),
        ):
            group.rows.append(_row(site, followers, posts, goal))
    group.notes.append(
        "From before the request until polling, once per millisecond, finds the id in the home of "
        "the last follower. The next post waits until the outbox is empty."
    )
    return group


def _row(site: Site, followers: int, posts: int, goal: float) -> Row:
    author, *readers = world.create_accounts(followers + 1)
    world.follow((reader, author) for reader in readers)
    engine.warm(readers[0], ids.draw(FILLED))
    engine.copy(readers[0], readers[1:])
    headers = {"Authorization": f"Bearer {world.token(author)}"}
    inserts = Inserts()
    for _ in range(3):
        _visible_ms(site, headers, readers[-1])
    seen, floor = [], []
    for _ in range(posts):
        floor.append(inserts.one_ms())
        seen.append(_visible_ms(site, headers, readers[-1]))
    inserts.close()
    p99, base = percentile(seen, 0.99), percentile(floor, 0.99)
    medians = percentile(seen, 0.5), percentile(floor, 0.5)
    return Row(
        f"Post → in the home of {followers:,} followers, p99 of {posts}",
        f"{number(p99)} ms, median {number(medians[0])} ms",
        f"INSERT + COMMIT: p99 {number(base)} ms, median {number(medians[1])} ms",
        f"{p99 / base:.0f}× (medians {medians[0] / medians[1]:.0f}×)",
        f"≤ {goal} ms",
        p99 <= goal,
    )


def _visible_ms(site: Site, headers: Headers, reader: int) -> float:
    started = perf_counter()
    answer = single_requests.post(site, "/api/tweets", headers, {"text": "Now"})
    wanted = int(answer["id"])
    wait_until(lambda: engine.holds(reader, wanted), "It does not arrive.", pause=0.001)
    took = 1000 * (perf_counter() - started)
    until_finished()
    return took
