"""Reading home over HTTP: warm, cold, deep, without Redis, growing, and as a page."""

import json
import random
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.test import Client

from bench import engine, load, world
from bench.asking import get, get_ms
from bench.context import Bench, Site
from bench.load import Load
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, ratio
from chirp.pagination import Cursor
from chirp.redis.client import guarded
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
        _as_page(bench, site, reader, group)
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
    _check_page(site, reader)
    paths = {"bare": "/bench/bare", "home": HOME, "naive": "/bench/naive-home"}
    loads = _loads(bench, site, paths, reader.headers)
    what = (
        f"GET home?limit=20, JWT, {FOLLOWEES} followees and {CELEBRITIES} followed celebrities, "
        "gunicorn, 2 processes"
    )
    for name, title, goal in (
        ("bare", "a bare `JsonResponse({})`, same middleware", 0.35),
        ("naive", "DRF ModelSerializer and SQL pull (N+1 queries)", 8.0),
    ):
        group.rows.append(_rate_row(what, loads["home"], title, loads[name], goal))
    _note_load(group, loads)


def _as_page(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """The same as HTML, for somebody signed in with a session."""
    browser = Client()
    browser.force_login(world.person(reader.id))
    name = settings.SESSION_COOKIE_NAME
    cookie = {"Cookie": f"{name}={browser.cookies[name].value}"}
    assert get(site, "/", cookie).count(b'class="tweet') >= 20
    loads = _loads(bench, site, {"bare": "/bench/bare-page", "page": "/"}, cookie)
    title = "a template of four lines, same middleware"
    what = "Home as a page (HTML, 20 tweets, session), gunicorn, 2 processes"
    group.rows.append(_rate_row(what, loads["page"], title, loads["bare"], 0.15))


def _loads(
    bench: Bench, site: Site, paths: Mapping[str, str], headers: dict[str, str]
) -> dict[str, list[Load]]:
    """Load on each path in turns."""
    loads: dict[str, list[Load]] = {name: [] for name in paths}

    def rate(name: str) -> float:
        loads[name].append(load.hammer(bench, site, paths[name], headers))
        return loads[name][-1].rate

    for path in paths.values():  # both processes, and what they cache
        for _ in range(4):
            get(site, path, headers)
    interleave({name: partial(rate, name) for name in paths}, rounds=bench.scale.rounds)
    return loads


def _rate_row(what: str, ours: list[Load], title: str, other: list[Load], goal: float) -> Row:
    mine, theirs = (Sample(tuple(each.rate for each in some)) for some in (ours, other))
    times = ratio(mine, theirs)
    by_cpu = _cpu(other) / _cpu(ours)
    return Row(
        what,
        f"{mine.shown('/s')}, {number(_cpu(ours))} ms CPU",
        f"{title}: {theirs.shown('/s')}, {number(_cpu(other))} ms CPU",
        f"{times:.2f}× (by CPU of the web {by_cpu:.2f}×)",
        f"≥ {goal:g}×",
        times >= goal,
    )


def _cpu(loads: list[Load]) -> float:
    return _median([each.cpu_ms for each in loads])


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _note_load(group: Group, loads: dict[str, list[Load]]) -> None:
    told = []
    for name, found in loads.items():
        servers = ", ".join(
            f"{server} {number(_median([each.servers_cpu_ms[server] for each in found]))} ms"
            for server in found[0].servers_cpu_ms
        )
        p99 = number(_median([each.p99_ms for each in found]))
        told.append(f"{name}: {servers}, p99 {p99} ms")
    group.notes.append(
        f"Load by {load.client_name()} on {load.CONNECTIONS} connections. Gunicorn's sync workers "
        "close each connection, so every request, bare or not, also pays for a new one. CPU of the "
        f"servers for one request: {'; '.join(told)}."
    )


def _check_page(site: Site, reader: Reader) -> None:
    """The page must hold what the row says it does: otherwise nothing is measured."""
    page = json.loads(get(site, HOME, reader.headers))["results"]
    assert len(page) == 20, len(page)
    assert any(tweet["repost_of"] for tweet in page), "no reposts in the page"
    assert any(tweet["quote_of"] for tweet in page), "no quotes in the page"
    assert any((tweet["repost_of"] or tweet)["viewer"]["liked"] for tweet in page)


def _states(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """One request at a time: warm, cold, below the floor, and with Redis stopped."""
    below = f"{HOME}&cursor={Cursor(before=_make_shallow(reader)).encode()}"

    def cold() -> float:
        engine.forget([reader.id])
        return get_ms(site, HOME, reader.headers)

    def warm() -> float:
        return get_ms(site, HOME, reader.headers)

    def deep() -> float:
        return get_ms(site, below, reader.headers)

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
