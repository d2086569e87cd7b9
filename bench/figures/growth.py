"""Home as the number of followees, celebrities and own tweets grows."""

import random
from functools import partial

from bench import engine, world
from bench.context import Bench, Site
from bench.figures.home import HOME
from bench.report import Group, Row
from bench.rounds import Sample, interleave, ratio
from bench.single_requests import get_ms
from bench.world import Draft
from timelines.models import PulledAuthor

FEW = 10
OWN_TWEETS = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, conversation_id,
    likes_count, reposts_count, quotes_count, replies_count)
SELECT id, %(author)s, 'An old tweet', 'public', FALSE, '', id, 0, 0, 0, 0
FROM (SELECT chirp_next_id() AS id FROM generate_series(1, %(count)s)) drawn
"""


def measure(bench: Bench) -> Group:
    """Measure all three rows, with single requests in interleaved rounds."""
    engine.filler().flushdb()
    group = Group("Home, as things grow")
    viewers = _viewers(bench)
    with bench.web() as site:
        tokens = {name: {"Authorization": f"Bearer {world.token(id_)}"} for name, id_ in viewers}
        for headers in tokens.values():
            for _ in range(4):  # warms timelines, and the caches of both processes
                get_ms(site, HOME, headers)
        scale = bench.scale
        for what, before, after, goal in (
            (f"followees {FEW} → {scale.many:,}", "plain", "many", 1.2),
            (f"followed celebrities 0 → {scale.celebrities}", "plain", "starry", 2.5),
            (f"the reader's own tweets 1 → {scale.age:,}", "plain", "old", 1.1),
        ):
            pair = {name: tokens[name] for name in (before, after)}
            group.rows.append(_row(bench, site, what, pair, goal))
    group.notes.append(
        "All readers are warm, and follow the same ten accounts, which wrote the newest tweets; "
        "the other followees wrote earlier, the celebrities at the same time. Single requests."
    )
    return group


def _row(bench: Bench, site: Site, what: str, pair: dict[str, dict[str, str]], goal: float) -> Row:
    before, after = pair
    found = interleave(
        {name: partial(get_ms, site, HOME, headers) for name, headers in pair.items()},
        rounds=2 * bench.scale.singles,
    )
    times = ratio(found[after], found[before])
    return Row(
        f"Home, {what}",
        _ms(found[after]),
        f"before: {_ms(found[before])}",
        f"×{times:.2f}",
        f"≤ ×{goal}",
        times <= goal,
    )


def _ms(sample: Sample) -> str:
    return sample.summary(" ms")


def _viewers(bench: Bench) -> list[tuple[str, int]]:
    """Four readers, each of which has much of one thing; each also has one tweet."""
    scale, rng = bench.scale, random.Random(2)
    plain, many, starry, old = world.create_accounts(4)
    followees, others = world.create_accounts(FEW), world.create_accounts(scale.many - FEW)
    celebrity_ids = world.create_accounts(scale.celebrities)
    world.execute(OWN_TWEETS, {"author": old, "count": scale.age - 1})
    world.insert_tweets([Draft(other, world.sentence(rng)) for other in others for _ in range(2)])
    world.insert_tweets([Draft(viewer, "My tweet") for viewer in (plain, many, starry, old)])
    PulledAuthor.objects.bulk_create([PulledAuthor(author_id=star) for star in celebrity_ids])
    world.follow(
        (viewer, followee) for viewer in (plain, many, starry, old) for followee in followees
    )
    world.follow((many, other) for other in others)
    world.follow((starry, star) for star in celebrity_ids)
    world.insert_tweets(_mixed(followees, celebrity_ids, rng, tweets=100 if bench.smoke else 2000))
    world.execute("ANALYZE")
    return [("plain", plain), ("many", many), ("starry", starry), ("old", old)]


def _mixed(
    followees: list[int], celebrity_ids: list[int], rng: random.Random, *, tweets: int
) -> list[Draft]:
    """A conversation of the ten followees, interleaved with as many tweets by celebrities."""
    drafts: list[Draft] = []
    for draft in world.conversation(followees, tweets=tweets, rng=rng):
        drafts += [draft, Draft(rng.choice(celebrity_ids), world.sentence(rng))]
    return drafts
