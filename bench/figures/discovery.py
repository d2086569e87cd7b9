"""Home, ranked, and trends: each against the plain home of the same reader."""

import json
import random
from functools import partial

from bench import engine, world
from bench.context import Bench, Site
from bench.figures.home import HOME, Reader, busy_reader
from bench.report import Group, Row
from bench.rounds import Sample, interleave, ratio
from bench.single_requests import get, get_ms
from search import trending
from search.models import TrendingTweet
from tweets.models import Tweet

RANKED = f"{HOME}&view=ranked"
TRENDING = "/api/trends/tweets?limit=20"
FANS = 60  # people who like what trends


def measure(bench: Bench) -> Group:
    """Measure first pages of the ranked home timeline and of trends."""
    engine.filler().flushdb()
    group = Group("Discovery")
    reader = busy_reader(bench)
    _make_trends(bench)
    with bench.web() as site:
        further = _check(site, reader)
        paths = {"home": HOME, "ranked": RANKED, "further": further, "trending": TRENDING}
        taken = interleave(
            {name: partial(get_ms, site, path, reader.headers) for name, path in paths.items()},
            rounds=bench.scale.singles,
        )
    for name, title, goal in (
        ("ranked", "Home, ranked: first page", 3),
        ("further", "Home, ranked: a further page", 2),
        ("trending", "Tweets that trend: first page", 2),
    ):
        group.rows.append(_row(title, taken[name], taken["home"], goal))
    return group


def _make_trends(bench: Bench) -> None:
    """Let many people like some of the tweets, and count what trends."""
    rng = random.Random(2)
    fans = world.create_accounts(20 if bench.smoke else FANS)
    newest = Tweet.objects.filter(repost_of=None).order_by("-pk").values_list("pk", flat=True)
    tweets = list(newest[: 60 if bench.smoke else 600])
    for fan in fans:
        world.like(fan, rng.sample(tweets, len(tweets) // 2))
    # Accounts of today make no trends.
    world.execute("UPDATE accounts_user SET created_at = now() - interval '2 days'")
    world.execute("ANALYZE")
    trending.refresh()
    assert TrendingTweet.objects.exists()


def _check(site: Site, reader: Reader) -> str:
    """Check that the pages have tweets. Returns the address of a further ranked page."""
    for path in (TRENDING, RANKED):
        page = json.loads(get(site, path, reader.headers))
        assert page["results"], path
    further: str = page["next"]
    return further.removeprefix(site.url)


def _row(title: str, slow: Sample, quick: Sample, goal: float) -> Row:
    times = ratio(slow, quick)
    comparison = f"home, newest first: {quick.summary(' ms')}"
    goal_text = f"≤ {goal:g}×"
    return Row(title, slow.summary(" ms"), comparison, f"{times:.2f}×", goal_text, times <= goal)
