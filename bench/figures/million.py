"""An author with a million followers, simulated rows: posting, pushing and pulling."""

from collections.abc import Callable
from functools import partial

from bench import asking, engine, world
from bench.context import Bench, Site, Workers
from bench.delivery import post, seconds_of, until_delivered
from bench.floors import Inserts
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, percentile
from outbox.models import Event
from timelines import celebrities

FEW = 10
FOLLOWS = """
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT id, %(author)s, chirp_next_id(), TRUE
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id
"""
WARMED = 0.1  # of the million, for the second push


def measure(bench: Bench) -> Group:
    """Posts first, then the pushes, which fill Redis."""
    engine.filler().flushdb()
    group = Group("A million followers")
    star, small, followers = _audience(bench.scale.million)
    with bench.web() as site, bench.workers() as workers:
        _posting(bench, site, workers, star, small, group)
        _delivering(bench, group, star, followers)
    return group


def _audience(million: int) -> tuple[int, int, range]:
    star, small, *few = world.people(FEW + 2)
    first, last = world.crowd(million)
    world.execute(FOLLOWS, {"author": star, "first": first, "last": last})
    world.execute("UPDATE accounts_user SET followers_count = %s WHERE id = %s", [million, star])
    world.follow((reader, small) for reader in few)
    world.execute("ANALYZE people_follow")
    return star, small, range(first, last + 1)


def _posting(
    bench: Bench, site: Site, workers: Workers, star: int, small: int, group: Group
) -> None:
    """POST by an author with ten followers and by one with a million, beside the two floors."""
    celebrities.set_override(author=world.person(star), decision=None)  # by number, as by default
    headers = {who: {"Authorization": f"Bearer {world.token(who)}"} for who in (star, small)}
    inserts = Inserts()
    tweet = partial(asking.post_ms, site, "/api/tweets", body={"text": "Hello, all of you"})
    bare = partial(asking.post_ms, site, "/bench/bare-post", headers[small], {"text": "Hello"})
    candidates: dict[str, Callable[[], float]] = {
        "insert": inserts.one_ms,
        "bare": bare,
        "few": partial(tweet, headers[small]),
        "million": partial(tweet, headers[star]),
    }
    interleave(candidates, rounds=3)
    found = interleave(candidates, rounds=2 * bench.scale.posts)
    until_delivered()
    pushed = _pushed_posts(bench, workers, star, partial(tweet, headers[star]))
    inserts.close()
    floor = _p99(found["insert"]) + _p99(found["bare"])
    beside = (
        f"INSERT + COMMIT {number(_p99(found['insert']))} ms + bare view "
        f"{number(_p99(found['bare']))} ms; medians {_medians(found['insert'], found['bare'])} ms"
    )
    million = f"{bench.scale.million:,} followers"
    for who, sample in (
        (f"{FEW} followers", found["few"]),
        (f"{million} (pulled)", found["million"]),
        (f"{million} (pushed, threshold off)", pushed),
    ):
        times = _p99(sample) / floor
        group.rows.append(
            Row(
                f"POST a tweet, p99, {who}",
                f"{number(_p99(sample))} ms, median {number(sample.median)} ms",
                beside,
                f"{times:.1f}×",
                "≤ 4×",
                times <= 4,
            )
        )
    group.notes.append(
        "The posts with the threshold off were made while the relay stood still: otherwise the "
        "deliveries of one would be measured with the next."
    )


def _pushed_posts(bench: Bench, workers: Workers, star: int, tweet: Callable[[], float]) -> Sample:
    celebrities.set_override(author=world.person(star), decision="push")
    until_delivered()
    with workers.held():
        found = interleave({"post": tweet}, rounds=bench.scale.posts)["post"]
        Event.objects.all().delete()
    return found


def _p99(sample: Sample) -> float:
    return percentile(sample.values, 0.99)


def _medians(*samples: Sample) -> str:
    return " + ".join(number(sample.median) for sample in samples)


def _delivering(bench: Bench, group: Group, star: int, followers: range) -> None:
    """Seconds until delivered, and bytes: cold, a tenth warm, all warm; pulled."""
    keys = engine.filler().dbsize()
    cold = seconds_of(partial(_deliver, star))
    keys = engine.filler().dbsize() - keys
    some = followers[: int(len(followers) * WARMED)]
    _warm(some)
    tenth, tenth_bytes = _grown(partial(_deliver, star))
    _, warmed = _grown(partial(_warm, followers[len(some) :]))
    full, full_bytes = _grown(partial(_deliver, star))
    celebrities.set_override(author=world.person(star), decision="pull")
    engine.warm_author(star, [])
    before = engine.taken_author(star)
    pulled = seconds_of(partial(_deliver, star))
    beside = f"pulled: {number(pulled)} s, {engine.taken_author(star) - before} B"
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
                beside,
                f"{seconds / pulled:,.0f}×",
                "both shown",
            )
        )
    group.notes.append(
        "Warm timelines here are empty before (a floor and no ids), so the bytes are those of "
        "small sets; full ones cost what the memory row says. Being warm alone takes "
        f"{number(warmed / max(1, len(followers) - len(some)))} B each. One post, once."
    )
    group.notes.append(
        f"Where the threshold should be: two worker processes serve {number(rate)} warm followers "
        f"within a second, and 10,000 within {number(10_000_000 / rate)} ms; every followed "
        "celebrity costs each read what the growth rows say. The threshold is the audience whose "
        "delivery takes as long as readers may wait and as other posts may stand behind it."
    )


def _deliver(star: int) -> None:
    post(star, "For a million")
    until_delivered()


def _warm(owners: range) -> None:
    engine.warm(owners[0], [])
    engine.copy(owners[0], owners[1:])


def _grown(work: Callable[[], object]) -> tuple[float, int]:
    """Seconds of some work, and the bytes that Redis has grown by."""
    before = int(engine.filler().info("memory")["used_memory"])
    seconds = seconds_of(work)
    return seconds, int(engine.filler().info("memory")["used_memory"]) - before
