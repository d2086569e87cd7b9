"""An author with a million followers, inserted as rows: posting, pushing and pulling."""

from collections.abc import Callable
from functools import partial

from bench import engine, world
from bench.context import Bench, Site, Workers
from bench.delivery import post, seconds_of, until_finished
from bench.floors import Inserts
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, percentile
from bench.single_requests import post_ms
from outbox.models import Event
from timelines import celebrities

FEW = 10
FOLLOWS = """
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT id, %(author)s, chirp_next_id(), TRUE
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id
"""
WARMED = 0.1  # share of the followers that are warm for the second push


def measure(bench: Bench) -> Group:
    """Measure posts first, and then pushes, which fill Redis."""
    engine.filler().flushdb()
    group = Group("A million followers")
    star, small, followers = _create_audience(bench.scale.million)
    with bench.web() as site, bench.workers() as workers:
        _posting(bench, site, workers, star, small, group)
        _delivering(bench, group, star, followers)
    return group


def _create_audience(million: int) -> tuple[int, int, range]:
    star, small, *few = world.create_accounts(FEW + 2)
    first, last = world.create_consecutive_accounts(million)
    world.execute(FOLLOWS, {"author": star, "first": first, "last": last})
    world.execute("UPDATE accounts_user SET followers_count = %s WHERE id = %s", [million, star])
    world.follow((reader, small) for reader in few)
    world.execute("ANALYZE people_follow")
    return star, small, range(first, last + 1)


def _posting(
    bench: Bench, site: Site, workers: Workers, star: int, small: int, group: Group
) -> None:
    """Compare POST by authors with ten and a million followers with the two floors."""
    # Decided by the number of followers, as by default.
    celebrities.set_override(author=world.account(star), decision=None)
    headers = {
        author: {"Authorization": f"Bearer {world.token(author)}"} for author in (star, small)
    }
    inserts = Inserts()
    tweet = partial(post_ms, site, "/api/tweets", body={"text": "Hello, all of you"})
    floors: dict[str, Callable[[], float]] = {
        "insert": inserts.one_ms,
        "bare": partial(post_ms, site, "/bench/bare-post", headers[small], {"text": "Hello"}),
    }
    few, million = partial(tweet, headers[small]), partial(tweet, headers[star])
    interleave({**floors, "few": few, "million": million}, rounds=3)
    found = interleave({**floors, "few": few, "million": million}, rounds=2 * bench.scale.posts)
    until_finished()
    pushed = _pushed_posts(bench, workers, star, {**floors, "million": million})
    inserts.close()
    audience = f"{bench.scale.million:,} followers"
    group.rows += [
        _row(f"{FEW} followers", found["few"], found),
        _row(f"{audience} (pulled)", found["million"], found),
        _row(f"{audience} (pushed, threshold off)", pushed["million"], pushed),
    ]
    group.notes.append(
        "The posts with the threshold off were made while the relay was suspended, and so were the "
        "floors beside them: the machine does nothing else meanwhile. The posts of the other rows "
        "share its processors with the deliveries of the posts before them."
    )


def _pushed_posts(
    bench: Bench, workers: Workers, star: int, candidates: dict[str, Callable[[], float]]
) -> dict[str, Sample]:
    celebrities.set_override(author=world.account(star), decision="push")
    until_finished()
    with workers.suspended_relay():
        found = interleave(candidates, rounds=bench.scale.posts)
        Event.objects.all().delete()
    return found


def _row(audience: str, sample: Sample, floors: dict[str, Sample]) -> Row:
    """Compare posts with the floors that were measured in turns with them."""
    insert, bare = floors["insert"], floors["bare"]
    times = _p99(sample) / (_p99(insert) + _p99(bare))
    return Row(
        f"POST a tweet, p99, {audience}",
        f"{number(_p99(sample))} ms, median {number(sample.median)} ms",
        f"INSERT + COMMIT {number(_p99(insert))} ms + bare view {number(_p99(bare))} ms; "
        f"medians {_medians(insert, bare)} ms",
        f"{times:.1f}× (medians {sample.median / insert.median:.1f}× INSERT + COMMIT)",
        "≤ 4×",
        times <= 4,
    )


def _p99(sample: Sample) -> float:
    return percentile(sample.values, 0.99)


def _medians(*samples: Sample) -> str:
    return " + ".join(number(sample.median) for sample in samples)


def _delivering(bench: Bench, group: Group, star: int, followers: range) -> None:
    """Measure seconds until delivery, and bytes: all cold, a tenth warm, all warm; pulled."""
    keys = engine.filler().dbsize()
    cold = seconds_of(partial(_deliver, star))
    keys = engine.filler().dbsize() - keys
    some = followers[: int(len(followers) * WARMED)]
    _warm(some)
    tenth, tenth_bytes = _grown(partial(_deliver, star))
    _, warmed = _grown(partial(_warm, followers[len(some) :]))
    full, full_bytes = _grown(partial(_deliver, star))
    celebrities.set_override(author=world.account(star), decision="pull")
    engine.warm_author(star, [])
    before = engine.author_bytes(star)
    pulled = seconds_of(partial(_deliver, star))
    comparison = f"pulled: {number(pulled)} s, {engine.author_bytes(star) - before} B"
    rate = len(followers) / full
    for what, seconds, bytes_ in (
        ("all of them cold", cold, f"{keys} keys more in Redis"),
        (f"{WARMED:.0%} warm", tenth, f"{tenth_bytes:,} B"),
        ("all warm", full, f"{full_bytes:,} B, {number(rate)} deliveries/s"),
    ):
        group.rows.append(
            Row(
                f"One post pushed to {len(followers):,} followers, {what}",
                f"{number(seconds)} s, {bytes_}",
                comparison,
                f"{seconds / pulled:,.0f}×",
                "both shown",
            )
        )
    group.notes.append(
        "Warm timelines are empty before (a floor and no ids), so the bytes are those of small "
        "sets; for full ones see the memory row. An empty warm timeline takes "
        f"{number(warmed / max(1, len(followers) - len(some)))} B. One post, once."
    )
    group.notes.append(
        f"Where the threshold should be: two worker processes serve {number(rate)} warm followers "
        f"within a second, and 10,000 within {number(10_000_000 / rate)} ms; every followed "
        "celebrity costs each read what the growth rows show. The threshold is the audience whose "
        "delivery takes as long as readers, and posts queued behind it, may wait."
    )


def _deliver(star: int) -> None:
    post(star, "For a million")
    until_finished()


def _warm(owners: range) -> None:
    engine.warm(owners[0], [])
    engine.copy(owners[0], owners[1:])


def _grown(work: Callable[[], object]) -> tuple[float, int]:
    """The seconds of some work, and the bytes by which Redis grew."""
    before = int(engine.filler().info("memory")["used_memory"])
    seconds = seconds_of(work)
    return seconds, int(engine.filler().info("memory")["used_memory"]) - before
