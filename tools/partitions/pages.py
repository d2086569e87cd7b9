"""The pages that are measured, and what they cost in PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connections
from django.db.utils import load_backend
from django.test import Client

from tests.helpers.plans import plan, queries_of
from tools.partitions.rows import PEOPLE, Span

VIEWER = 1
POSTER = 2
OFTEN = 3  # an author who writes much


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page reads: partitions that were scanned, scans of them in the plans, and pages."""

    partitions: int
    scans: int
    buffers: int


@contextmanager
def database(name: str) -> Iterator[None]:
    """Let Django use this database during the block."""
    before = connections["default"]
    settings = {**before.settings_dict, "NAME": name}
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


def pages(span: Span) -> dict[str, Callable[[], object]]:
    """The pages by name. Called in the database that they read."""
    from bench import world
    from timelines import candidates, services
    from tweets import marks
    from tweets.posting import post_tweet
    from tweets.read.viewer import ViewerContext

    headers = {"Authorization": f"Bearer {world.token(VIEWER)}"}
    client, viewer = Client(SERVER_NAME="localhost"), ViewerContext(viewer_id=VIEWER)
    author, popular = world.account(POSTER), span.id(span.popular)
    services.populate(viewer_id=VIEWER)
    originals = (span.id(n) for n in range(span.total // 10 * 10, 0, -10))

    def get(path: str) -> Callable[[], object]:
        def page() -> object:
            answer = client.get(f"/api/{path}", headers=headers)
            assert answer.status_code == 200, (path, answer.status_code, answer.content)
            return answer

        return page

    def below(position: int) -> Callable[[], object]:
        return lambda: candidates.below(viewer, below=position, limit=40, backfill=True)

    return {
        "home": get("timelines/home?limit=20"),
        "home, built anew": lambda: services.rebuild(viewer_id=VIEWER),
        "home's candidates, from PostgreSQL": below(candidates.TOP),
        "the same, further down": below(span.id(span.total - span.total // 12)),
        "profile": get(f"users/p{OFTEN}/tweets?limit=20"),
        "profile, a few old tweets": get(f"users/p{PEOPLE}/tweets?limit=20"),
        "thread": get(f"tweets/{popular}/thread"),
        "reposts of a tweet": get(f"tweets/{popular}/reposts"),
        "hashtag": get("timelines/hashtag/tag7?limit=20"),
        "public": get("timelines/public?limit=20"),
        "search, often": get("search?type=tweets&q=coffee"),
        "search, rare": get("search?type=tweets&q=w4321"),
        "notifications": get("notifications"),
        "post": lambda: post_tweet(author=author, text="Good morning #coffee"),
        "reply": lambda: post_tweet(author=author, text="Yes", reply_to_id=popular),
        "repost": lambda: marks.repost(user=author, tweet_id=next(originals)),
    }


def cost(page: Callable[[], object]) -> Cost:
    """What the plans of a page read of tweets."""
    partitions: set[str] = set()
    scans = buffers = 0
    for query in queries_of(page):
        if not query[0].lstrip().startswith(("SELECT", "WITH")):
            continue
        nodes = plan(query)
        buffers += nodes[0].get("Shared Hit Blocks", 0) + nodes[0].get("Shared Read Blocks", 0)
        touched = [
            node
            for node in nodes
            if node.get("Relation Name", "").startswith(("tweets_tweet", "tweets_part"))
        ]
        partitions |= {node["Relation Name"] for node in touched if node["Actual Loops"]}
        scans += len(touched)
    return Cost(len(partitions), scans, buffers)


def cpu_ms(page: Callable[[], object], times: int) -> tuple[float, float]:
    """The milliseconds of processor that PostgreSQL takes for a page, and for the first one.

    The first one on a connection makes the plans of its queries.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    begin = _cpu_ns(pid)
    page()
    first = _cpu_ns(pid)
    for _ in range(times):
        page()
    return (_cpu_ns(pid) - first) / times / 1e6, (first - begin) / 1e6


def _cpu_ns(pid: int) -> int:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
