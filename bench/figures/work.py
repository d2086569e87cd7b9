"""What a follow, an unfollow and a build cost the worker."""

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
    """Merge and unmerge of 800 tweets, and a build from a thousand followees."""
    engine.filler().flushdb()
    group = Group("Following, unfollowing, building")
    _merging(bench, group)
    _building(bench, group)
    group.notes.append(
        "Time of one call of the service in this process, with all it asks of Postgres and Redis."
    )
    return group


def _merging(bench: Bench, group: Group) -> None:
    viewer, author, other = world.people(3)
    dice, mixed = random.Random(3), [author, other]
    world.follow([(viewer, other)])
    drafts = [Draft(mixed[n % 2], world.sentence(dice)) for n in range(2 * LENGTH)]
    world.write(drafts)
    theirs = [draft.id for draft in drafts if draft.author == author]
    kept = [draft.id for draft in drafts if draft.author == other]
    engine.warm(viewer, kept)
    edge = {"follower_id": viewer, "followee_id": author}

    def merge() -> float:
        engine.warm(viewer, kept)
        world.follow([(viewer, author)], counted=False)
        took = seconds_of(lambda: services.merge(**edge))
        assert engine.newest(viewer, 2) == [kept[-1], theirs[-1]]
        return 1000 * took

    def unmerge() -> float:
        world.unfollow(viewer, author)
        took = seconds_of(lambda: services.unmerge(**edge))
        assert engine.newest(viewer, 2) == [kept[-1], kept[-2]]
        return 1000 * took

    candidates: dict[str, Callable[[], float]] = {
        "merge": merge,
        "unmerge": lambda: (merge(), unmerge())[1],
        "zadd": lambda: 1000 * seconds_of(lambda: naive.add("naive:merge", theirs, beside=kept)),
        "zrem": lambda: 1000 * seconds_of(lambda: naive.remove("naive:merge", theirs)),
    }
    interleave(candidates, rounds=1)
    rounds = 1 if bench.smoke else 15
    adding = interleave({name: candidates[name] for name in ("merge", "zadd")}, rounds=rounds)
    naive.add("naive:merge", theirs, beside=kept)
    taking = interleave({"unmerge": candidates["unmerge"]}, rounds=rounds)
    removing = interleave(
        {"zrem": lambda: (candidates["zadd"](), candidates["zrem"]())[1]}, rounds=rounds
    )
    for what, ours, floor, title in (
        ("Follow", adding["merge"], adding["zadd"], "one ZADD of the 800"),
        ("Unfollow", taking["unmerge"], removing["zrem"], "one ZREM of the 800"),
    ):
        group.rows.append(
            Row(
                f"{what} an author with {LENGTH} tweets, warm full timeline",
                ours.shown(" ms"),
                f"{title}: {floor.shown(' ms')}",
                f"{ratio(ours, floor):.1f}×",
                "≤ 20 ms",
                ours.median <= 20,
            )
        )


def _building(bench: Bench, group: Group) -> None:
    followees = 50 if bench.smoke else FOLLOWEES
    viewer, *authors = world.people(followees + 1)
    dice = random.Random(4)
    world.follow((viewer, author) for author in authors)
    shuffled = [author for author in authors for _ in range(EACH)]
    dice.shuffle(shuffled)
    world.write([Draft(author, world.sentence(dice)) for author in shuffled])
    world.execute("ANALYZE")

    def ours() -> float:
        engine.forget([viewer])
        took = seconds_of(lambda: services.populate(viewer_id=viewer))
        assert engine.length(viewer) == min(LENGTH, followees * EACH)
        return 1000 * took

    found = interleave(
        {
            "ours": ours,
            "naive": lambda: 1000 * seconds_of(lambda: naive.build(viewer)),
        },
        rounds=2 if bench.smoke else 15,
    )
    group.rows.append(
        Row(
            f"Populate a timeline following {followees:,}, {EACH} tweets each",
            found["ours"].shown(" ms"),
            f"ORM with `author__in`, one ZADD: {found['naive'].shown(' ms')}",
            f"{ratio(found['ours'], found['naive']):.2f}×",
            "≤ 50 ms",
            found["ours"].median <= 50,
        )
    )
