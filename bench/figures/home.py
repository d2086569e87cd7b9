"""Reading home over HTTP: warm, cold, deep, without Redis, growing, and as a page."""

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter
from urllib.parse import urlsplit

from bench import engine, load, world
from bench.context import Bench, Site
from bench.load import Load
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, ratio
from chirp.pagination import Cursor
from chirp.redis import client, guarded
from timelines import celebrities

HOME = "/api/timelines/home?limit=20"
FOLLOWEES, CELEBRITIES = 100, 3
TWEETS = 4_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a lively home timeline."""

    id: int
    headers: dict[str, str]


def measure(bench: Bench) -> Group:
    """All rows about reading."""
    engine.filler().flushdb()
    group = Group("Home")
    reader = _reader(bench)
    with bench.web() as site:
        _against_floors(bench, site, reader, group)
        _states(bench, site, reader, group)
    return group


def _reader(bench: Bench) -> Reader:
    """Follows a hundred people and three who are pulled; mutes and blocks some, and likes much."""
    dice = random.Random(1)
    (viewer,) = world.people(1)
    authors, strangers = world.people(FOLLOWEES), world.people(20)
    stars = world.people(CELEBRITIES)
    world.follow([(viewer, author) for author in (*authors, *stars)])
    world.follow([(star, author) for star in stars for author in authors])
    for star in stars:
        celebrities.set_override(author=world.person(star), decision="pull")
    tweets = 300 if bench.smoke else TWEETS
    drafts = world.talk([*authors, *stars * 4], tweets=tweets, dice=dice, strangers=strangers)
    world.write(drafts)
    world.mute(viewer, [strangers[0], authors[0]])
    world.block(viewer, [strangers[1]])
    world.block(strangers[2], [viewer])
    liked = [draft.id for draft in drafts if draft.repost_of is None and dice.random() < 0.2]
    world.like(viewer, liked)
    world.execute("ANALYZE")
    return Reader(viewer, {"Authorization": f"Bearer {world.token(viewer)}"})


def _against_floors(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """Requests a second of the floor, ours and the naive one, in turns."""
    loads: dict[str, list[Load]] = {"bare": [], "home": [], "naive": []}
    paths = {"bare": "/bench/bare", "home": HOME, "naive": "/bench/naive-home"}

    def rate(name: str) -> Callable[[], float]:
        def run() -> float:
            loads[name].append(load.hammer(bench, site, paths[name], reader.headers))
            return loads[name][-1].rate

        return run

    _check_page(site, reader)
    found = interleave({name: rate(name) for name in paths}, rounds=bench.scale.rounds)
    cpu = {name: statistics.median(l.cpu_ms for l in loads[name]) for name in paths}
    what = (
        f"GET home?limit=20, JWT, {FOLLOWEES} followees and {CELEBRITIES} followed celebrities, "
        "gunicorn, 2 processes"
    )
    ours = f"{found['home'].shown('/s')}, {number(cpu['home'])} ms CPU"
    for name, title, goal in (
        ("bare", "a bare `JsonResponse({})`, same middleware", 0.35),
        ("naive", "DRF ModelSerializer and SQL pull (N+1 queries)", 8.0),
    ):
        times = ratio(found["home"], found[name])
        beside = f"{title}: {found[name].shown('/s')}, {number(cpu[name])} ms CPU"
        by_cpu = cpu[name] / cpu["home"]
        shown = f"{times:.2f}× (by CPU of the web {by_cpu:.2f}×)"
        group.rows.append(Row(what, ours, beside, shown, f"≥ {goal}×", times >= goal))
    _note_load(group, loads)


def _note_load(group: Group, loads: dict[str, list[Load]]) -> None:
    told = []
    for name, found in loads.items():
        servers = ", ".join(
            f"{server} {number(statistics.median(l.servers_cpu_ms[server] for l in found))} ms"
            for server in found[0].servers_cpu_ms
        )
        p99 = number(statistics.median(l.p99_ms for l in found))
        told.append(f"{name}: {servers}, p99 {p99} ms")
    group.notes.append(
        f"Load by {load.client_name()} on {load.CONNECTIONS} connections. Gunicorn's sync workers "
        "close each connection, so every request, bare or not, also pays for a new one. CPU of the "
        f"servers for one request: {'; '.join(told)}."
    )


def _check_page(site: Site, reader: Reader) -> None:
    """The page must hold what the row says it does: otherwise nothing is measured."""
    import json

    page = json.loads(_get(site, HOME, reader.headers))["results"]
    assert len(page) == 20, len(page)
    assert any(tweet["repost_of"] for tweet in page), "no reposts in the page"
    assert any(tweet["quote_of"] for tweet in page), "no quotes in the page"
    assert any((tweet["repost_of"] or tweet)["viewer"]["liked"] for tweet in page)


def _get(site: Site, path: str, headers: dict[str, str]) -> bytes:
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    assert answer.status == 200, (path, answer.status, body[:500])
    return body


def _timed(site: Site, path: str, headers: dict[str, str]) -> float:
    started = perf_counter()
    _get(site, path, headers)
    return 1000 * (perf_counter() - started)


def _states(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """One request at a time: warm, cold, below the floor, and with Redis stopped."""
    below = f"{HOME}&cursor={Cursor(before=_make_shallow(reader)).encode()}"

    def cold() -> float:
        engine.forget([reader.id])
        return _timed(site, HOME, reader.headers)

    def warm() -> float:
        return _timed(site, HOME, reader.headers)

    def deep() -> float:
        return _timed(site, below, reader.headers)

    found = interleave({"warm": warm, "deep": deep}, rounds=bench.scale.singles)
    cold_found = interleave({"warm": warm, "cold": cold}, rounds=bench.scale.singles)
    engine.forget([reader.id])
    warm()
    before = interleave({"warm": warm}, rounds=bench.scale.singles)["warm"]
    bench.servers.valkey.stop()
    try:
        away = interleave({"away": warm}, rounds=bench.scale.singles)["away"]
    finally:
        bench.servers.valkey.start()
        guarded.reset()
    for title, slow, quick, goal in (
        ("cold: built by the request", cold_found["cold"], cold_found["warm"], 5),
        ("below the floor: from Postgres", found["deep"], found["warm"], 2),
        ("with Redis away (stopped)", away, before, 5),
    ):
        group.rows.append(_state(title, slow, quick, goal))


def _state(title: str, slow: Sample, quick: Sample, goal: float) -> Row:
    times = slow.median / quick.median
    measured, beside = slow.shown(" ms"), f"the same, warm: {quick.shown(' ms')}"
    return Row(f"Home, {title}", measured, beside, f"{times:.2f}×", f"≤ {goal}×", times <= goal)


def _make_shallow(reader: Reader) -> int:
    """Keep only the newest ids of the reader in Redis, and return the floor."""
    ids_ = engine.newest(reader.id, 400)
    kept = ids_[: len(ids_) // 2]
    engine.warm(reader.id, kept, floor=kept[-1] - 1)
    return kept[-1] - 1
