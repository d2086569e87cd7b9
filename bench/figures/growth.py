"""Home beside itself, as what it stands on grows."""

import random
from functools import partial

from bench import engine, world
from bench.asking import get_ms
from bench.context import Bench, Site
from bench.figures.home import HOME
from bench.report import Group, Row
from bench.rounds import Sample, interleave, ratio
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
    """All three rows, one request at a time, in turns."""
    engine.filler().flushdb()
    group = Group("Home, as things grow")
    viewers = _viewers(bench)
    with bench.web() as site:
        tokens = {name: {"Authorization": f"Bearer {world.token(id_)}"} for name, id_ in viewers}
        for headers in tokens.values():
            for _ in range(4):  # builds what is cold, in both processes
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
        "All readers follow the same ten people, who wrote what is newest, and are warm; the other "
        "followees wrote earlier, the celebrities at the same time. Requests one at a time."
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
    return sample.shown(" ms")


def _viewers(bench: Bench) -> list[tuple[str, int]]:
    """Four readers, by what they have much of; each also has one tweet of their own."""
    scale, dice = bench.scale, random.Random(2)
    plain, many, starry, old = world.people(4)
    talkers, others = world.people(FEW), world.people(scale.many - FEW)
    stars = world.people(scale.celebrities)
    world.execute(OWN_TWEETS, {"author": old, "count": scale.age - 1})
    world.write([Draft(other, world.sentence(dice)) for other in others for _ in range(2)])
    world.write([Draft(viewer, "My tweet") for viewer in (plain, many, starry, old)])
    PulledAuthor.objects.bulk_create([PulledAuthor(author_id=star) for star in stars])
    world.follow((viewer, who) for viewer in (plain, many, starry, old) for who in talkers)
    world.follow((many, other) for other in others)
    world.follow((starry, star) for star in stars)
    world.write(_mixed(talkers, stars, dice, tweets=100 if bench.smoke else 2000))
    world.execute("ANALYZE")
    return [("plain", plain), ("many", many), ("starry", starry), ("old", old)]


def _mixed(
    talkers: list[int], stars: list[int], dice: random.Random, *, tweets: int
) -> list[Draft]:
    """What the ten talk about, and in between as much by the celebrities."""
    drafts: list[Draft] = []
    for draft in world.talk(talkers, tweets=tweets, dice=dice):
        drafts += [draft, Draft(dice.choice(stars), world.sentence(dice))]
    return drafts
