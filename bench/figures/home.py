"""Reading home over HTTP: warm, cold, deep, without Redis, and as a page."""

import json
import random
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import sessions
from bench import engine, load, world
from bench.context import Bench, Site
from bench.load import Load
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number, ratio
from bench.single_requests import get, get_ms
from chirp.pagination import Cursor
from chirp.redis.client import guarded
from timelines import celebrities
from tweets.posting import post_tweet

HOME = "/api/timelines/home?limit=20"
FOLLOWEES, CELEBRITIES = 100, 3
TWEETS = 4_000
LISTED = 25  # tweets with a hashtag, and answers in a thread


@dataclass(frozen=True, slots=True)
class Reader:
    """An account with a busy home timeline."""

    id: int
    headers: dict[str, str]
    authors: list[int]  # the accounts that it follows


def measure(bench: Bench) -> Group:
    """Measure all rows about reading home."""
    engine.filler().flushdb()
    group = Group("Home")
    reader = busy_reader(bench)
    with bench.web() as site:
        _against_floors(bench, site, reader, group)
        _as_page(bench, site, reader, group)
        _lists(bench, site, reader, group)
        _states(bench, site, reader, group)
    return group


def busy_reader(bench: Bench) -> Reader:
    """Create a reader with 100 followees, three followed celebrities, mutes, blocks and likes."""
    rng = random.Random(1)
    (viewer,) = world.create_accounts(1)
    authors, strangers = world.create_accounts(FOLLOWEES), world.create_accounts(20)
    celebrity_ids = world.create_accounts(CELEBRITIES)
    world.follow([(viewer, author) for author in (*authors, *celebrity_ids)])
    world.follow([(star, author) for star in celebrity_ids for author in authors])
    for star in celebrity_ids:
        celebrities.set_override(author=world.account(star), decision="pull")
    tweets = 300 if bench.smoke else TWEETS
    drafts = world.conversation(
        [*authors, *celebrity_ids * 4], tweets=tweets, rng=rng, strangers=strangers
    )
    world.insert_tweets(drafts)
    world.mute(viewer, [strangers[0], authors[0]])
    world.block(viewer, [strangers[1]])
    world.block(strangers[2], [viewer])
    liked = [draft.id for draft in drafts if draft.repost_of is None and rng.random() < 0.2]
    world.like(viewer, liked)
    world.execute("ANALYZE")
    headers = {"Authorization": f"Bearer {world.token(viewer)}"}
    return Reader(viewer, headers, authors[1:])


def _against_floors(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """Compare the requests per second of Chirp, a bare view and a naive view."""
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
    """Compare the HTML page, for a user with a session, with a bare page and with the JSON."""
    browser = Client()
    account, name = world.account(reader.id), settings.SESSION_COOKIE_NAME
    browser.force_login(account)
    key = browser.session.session_key or ""
    sessions.begin(user=account, session_key=key, agent="", address="", now=timezone.now())
    cookie = {"Cookie": f"{name}={browser.cookies[name].value}"}
    assert get(site, "/", cookie).count(b'class="tweet') >= 20
    paths = {"bare": "/bench/bare-page", "page": "/", "json": HOME}
    loads = _loads(bench, site, paths, cookie)
    title = "a template of four lines, same middleware"
    what = "Home as a page (HTML, 20 tweets, session), gunicorn, 2 processes"
    group.rows.append(_rate_row(what, loads["page"], title, loads["bare"], 0.15))
    group.rows.append(
        _cpu_row(what, loads["page"], "home as JSON, same session", loads["json"], 2.0)
    )


def _lists(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """Compare the CPU of other lists of twenty tweets with that of home."""
    accounts = [world.account(id_) for id_ in reader.authors[:LISTED]]
    for author in accounts:
        post_tweet(author=author, text=f"From {author.handle} #bench")
    asked = post_tweet(author=accounts[0], text="Who is there?")
    for author in accounts:
        post_tweet(author=author, text=f"Here is {author.handle}", reply_to_id=asked.pk)
    world.execute("ANALYZE")
    paths = {
        "the public timeline": "/api/timelines/public?limit=20",
        "a hashtag": "/api/timelines/hashtag/bench?limit=20",
        "a thread": f"/api/tweets/{asked.pk}/thread",
        "a user's tweets": f"/api/users/{accounts[0].handle}/tweets?limit=20",
    }
    loads = _loads(bench, site, {"home": HOME, **paths}, reader.headers)
    for name in paths:
        what = f"GET {name}, 20 tweets, JWT, gunicorn, 2 processes"
        group.rows.append(_cpu_row(what, loads[name], "home", loads["home"], 1.2))


def _cpu_row(what: str, page: list[Load], title: str, other: list[Load], goal: float) -> Row:
    """Compare the CPU of the web, Postgres and Valkey for one request, round by round."""
    mine, its = (Sample(tuple(each.all_cpu_ms for each in some)) for some in (page, other))
    times = ratio(mine, its)
    return Row(
        what,
        f"{mine.summary(' ms')} CPU of all processes",
        f"{title}: {its.summary(' ms')}",
        f"{times:.2f}×",
        f"≤ {goal:g}×",
        times <= goal,
    )


def _loads(
    bench: Bench, site: Site, paths: Mapping[str, str], headers: dict[str, str]
) -> dict[str, list[Load]]:
    """The results of interleaved rounds of load, by name of the path."""
    loads: dict[str, list[Load]] = {name: [] for name in paths}

    def rate(name: str) -> float:
        found = load.measure_load(
            site,
            paths[name],
            headers,
            seconds=bench.scale.seconds,
            server_cpu=bench.server_cpu,
        )
        loads[name].append(found)
        return found.rate

    for path in paths.values():  # fills the caches of both processes
        for _ in range(4):
            get(site, path, headers)
    interleave({name: partial(rate, name) for name in paths}, rounds=bench.scale.rounds)
    return loads


def _rate_row(what: str, chirp: list[Load], title: str, other: list[Load], goal: float) -> Row:
    chirp_rate, other_rate = (Sample(tuple(each.rate for each in some)) for some in (chirp, other))
    times = ratio(chirp_rate, other_rate)
    by_cpu = _cpu(other) / _cpu(chirp)
    return Row(
        what,
        f"{chirp_rate.summary('/s')}, {number(_cpu(chirp))} ms CPU",
        f"{title}: {other_rate.summary('/s')}, {number(_cpu(other))} ms CPU",
        f"{times:.2f}× (by CPU of the web {by_cpu:.2f}×)",
        f"≥ {goal:g}×",
        times >= goal,
    )


def _cpu(loads: list[Load]) -> float:
    return _median([each.cpu_ms for each in loads])


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _note_load(group: Group, loads: dict[str, list[Load]]) -> None:
    notes = []
    for name, found in loads.items():
        servers = ", ".join(
            f"{server} {number(_median([each.servers_cpu_ms[server] for each in found]))} ms"
            for server in found[0].servers_cpu_ms
        )
        p99 = number(_median([each.p99_ms for each in found]))
        notes.append(f"{name}: {servers}, p99 {p99} ms")
    group.notes.append(
        f"Load by {load.client_name()} on {load.CONNECTIONS} connections, which stay open. "
        f"CPU of the servers for one request: {'; '.join(notes)}."
    )


def _check_page(site: Site, reader: Reader) -> None:
    """Check that the page has reposts, quotes and likes, as a real page does."""
    page = json.loads(get(site, HOME, reader.headers))["results"]
    assert len(page) == 20, len(page)
    assert any(tweet["repost_of"] for tweet in page), "no reposts in the page"
    assert any(tweet["quote_of"] for tweet in page), "no quotes in the page"
    assert any((tweet["repost_of"] or tweet)["viewer"]["liked"] for tweet in page)


def _states(bench: Bench, site: Site, reader: Reader, group: Group) -> None:
    """Measure single requests: warm, cold, below the floor, and with Redis stopped."""
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
        stopped = interleave({"stopped": warm}, rounds=bench.scale.singles)["stopped"]
    finally:
        bench.servers.valkey.start()
        guarded.reset()
    for title, slow, quick, goal in (
        ("cold: built by the request", cold_found["cold"], cold_found["warm"], 5),
        ("below the floor: from Postgres", found["deep"], found["warm"], 2),
        ("with Redis away (stopped)", stopped, before, 5),
    ):
        group.rows.append(_state(title, slow, quick, goal))


def _state(title: str, slow: Sample, quick: Sample, goal: float) -> Row:
    times = slow.median / quick.median
    measured, comparison = slow.summary(" ms"), f"the same, warm: {quick.summary(' ms')}"
    return Row(f"Home, {title}", measured, comparison, f"{times:.2f}×", f"≤ {goal}×", times <= goal)


def _make_shallow(reader: Reader) -> int:
    """Keep only the newest ids of the reader in Redis. Returns the floor."""
    ids_ = engine.newest(reader.id, 400)
    kept = ids_[: len(ids_) // 2]
    engine.warm(reader.id, kept, floor=kept[-1] - 1)
    return kept[-1] - 1
