"""The cost of a follow, an unfollow and a build in the worker."""

import random
from collections.abc import Callable

from bench import engine, world
from bench.context import Bench
from bench.delivery import seconds_of
from bench.naive import builds as naive
from bench.report import Group, Row
from bench.rounds import interleave, ratio
from bench.world import Draft
from timelines import services

LENGTH = 800
FOLLOWEES = 1_000
EACH = 20


def measure(bench: Bench) -> Group:
    """Measure a merge and an unmerge of 800 tweets, and a build with a thousand followees."""
    engine.filler().flushdb()
    group = Group("Following, unfollowing, building")
    _merging(bench, group)
    _building(bench, group)
    group.notes.append(
        "Time of one call of the service in this process, including Postgres and Redis."
    )
    return group


def _merging(bench: Bench, group: Group) -> None:
    viewer, author, other = world.create_accounts(3)
    rng, mixed = random.Random(3), [author, other]
    world.follow([(viewer, other)])
    drafts = [Draft(mixed[n % 2], world.sentence(rng)) for n in range(2 * LENGTH)]
    world.insert_tweets(drafts)
    merged = [draft.id for draft in drafts if draft.author == author]
    kept = [draft.id for draft in drafts if draft.author == other]
    engine.warm(viewer, kept)
    edge = {"follower_id": viewer, "followee_id": author}

    def merge() -> float:
        engine.warm(viewer, kept)
        world.follow([(viewer, author)], counted=False)
        took = seconds_of(lambda: services.merge(**edge))
        assert engine.newest(viewer, 2) == [kept[-1], merged[-1]]
        return 1000 * took

    def unmerge() -> float:
        world.unfollow(viewer, author)
        took = seconds_of(lambda: services.unmerge(**edge))
        assert engine.newest(viewer, 2) == [kept[-1], kept[-2]]
        return 1000 * took

    candidates: dict[str, Callable[[], float]] = {
        "merge": merge,
        "unmerge": lambda: (merge(), unmerge())[1],
        "zadd": lambda: 1000 * seconds_of(lambda: naive.add("naive:merge", merged, existing=kept)),
        "zrem": lambda: 1000 * seconds_of(lambda: naive.remove("naive:merge", merged)),
    }
    interleave(candidates, rounds=1)
    rounds = 1 if bench.smoke else 15
    adding = interleave({name: candidates[name] for name in ("merge", "zadd")}, rounds=rounds)
    naive.add("naive:merge", merged, existing=kept)
    taking = interleave({"unmerge": candidates["unmerge"]}, rounds=rounds)
    removing = interleave(
        {"zrem": lambda: (candidates["zadd"](), candidates["zrem"]())[1]}, rounds=rounds
    )
    for what, chirp, floor, title in (
        ("Follow", adding["merge"], adding["zadd"], "one ZADD of the 800"),
        ("Unfollow", taking["unmerge"], removing["zrem"], "one ZREM of the 800"),
    ):
        group.rows.append(
            Row(
                f"{what} an author with {LENGTH} tweets, warm full timeline",
                chirp.summary(" ms"),
                f"{title}: {floor.summary(' ms')}",
                f"{ratio(chirp, floor):.1f}×",
                "≤ 20 ms",
                chirp.median <= 20,
            )
        )


def _building(bench: Bench, group: Group) -> None:
    followees = 50 if bench.smoke else FOLLOWEES
    viewer, *authors = world.create_accounts(followees + 1)
    rng = random.Random(4)
    world.follow((viewer, author) for author in authors)
    shuffled = [author for author in authors for _ in range(EACH)]
    rng.shuffle(shuffled)
    world.insert_tweets([Draft(author, world.sentence(rng)) for author in shuffled])
    world.execute("ANALYZE")

    def chirp() -> float:
        engine.forget([viewer])
        took = seconds_of(lambda: services.populate(viewer_id=viewer))
        assert engine.length(viewer) == min(LENGTH, followees * EACH)
        return 1000 * took

    found = interleave(
        {
            "chirp": chirp,
            "naive": lambda: 1000 * seconds_of(lambda: naive.build(viewer)),
        },
        rounds=2 if bench.smoke else 15,
    )
    group.rows.append(
        Row(
            f"Populate a timeline following {followees:,}, {EACH} tweets each",
            found["chirp"].summary(" ms"),
            f"ORM with `author__in`, one ZADD: {found['naive'].summary(' ms')}",
            f"{ratio(found['chirp'], found['naive']):.2f}×",
            "≤ 50 ms",
            found["chirp"].median <= 50,
        )
    )
