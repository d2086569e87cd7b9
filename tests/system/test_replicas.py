"""Reads from replicas: a real primary with two streaming replicas."""

import random
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    OperationalError,
    ProgrammingError,
    close_old_connections,
    connection,
    connections,
)
from django.test import Client
from prometheus_client.samples import Sample

from accounts.models import User
from accounts.services import register, set_password
from chirp.db import replicas, routing
from chirp.embedded_programs import postgres_program
from chirp.embedded_urls import DATABASE, database_url, postgres_socket
from chirp.errors import ChirpError
from chirp.observability.metrics import gauges, replica_requests
from chirp.redis.client import client, guarded
from chirp.settings import _database
from operations.status import status_cache
from people.profile import update_profile
from people.services import block, follow, mute, unfollow
from runner.embedded import Server, ensure_database, init_postgres
from runner.embedded.roles import SUPERUSER
from tests.helpers.api_client import Api
from tests.helpers.databases import another_database
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.replicas import Standby, primary_server, standbys
from timelines import oracle, store
from tweets.deleting import delete_tweet
from tweets.models import Tweet
from tweets.posting import post_tweet

HOME = "/api/timelines/home"
PASSWORD = "mole-tepid-91-drum"
pytestmark = pytest.mark.django_db


@dataclass
class Cluster:
    """The primary, and the replicas that stream from it."""

    var: Path
    primary: Server
    standbys: list[Standby]

    def catch_up(self) -> None:
        for each in self.standbys:
            each.catch_up()


@pytest.fixture(scope="module")
def cluster(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cluster]:
    """A primary with the tables of the test database, and two replicas.

    Not below pytest's directory, which each run of pytest closes to the user of PostgreSQL.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chirp-replicas-")))
        var = folder / "primary"
        init_postgres(var)
        primary = primary_server(var)
        stack.callback(primary.kill)
        primary.start()
        ensure_database(var)
        with django_db_blocker.unblock():
            _copy_tables(connections[DEFAULT_DB_ALIAS].settings_dict, var)
        yield Cluster(var, primary, stack.enter_context(standbys(var, folder)))


def _copy_tables(database: dict[str, Any], var: Path) -> None:
    source = [f"--host={database['HOST']}", f"--username={SUPERUSER}", database["NAME"]]
    target = [f"--host={postgres_socket(var).parent}", f"--username={SUPERUSER}", DATABASE]
    dump = [str(postgres_program("pg_dump")), "--exclude-extension=pg_stat_statements", *source]
    tables = subprocess.run(dump, check=True, capture_output=True).stdout
    psql = [str(postgres_program("psql")), "-q", "-v", "ON_ERROR_STOP=1", *target]
    subprocess.run(psql, input=tables, check=True, capture_output=True)


@pytest.fixture
def site(cluster: Cluster, settings: Any, db: None) -> Iterator[Cluster]:
    """Chirp on that primary, with both replicas."""
    settings.DATABASE_REPLICAS = [_database(each.url) for each in cluster.standbys]
    replicas.replicas.cache_clear()
    with another_database(database_url(cluster.var)):
        routing.note_concealing()
        cluster.catch_up()
        yield cluster
        for thread in threading.enumerate():  # those that wait for a replica which was left out
            if thread.name in {each.name for each in replicas.replicas()}:
                thread.join(timeout=30)
    replicas.replicas.cache_clear()


def person(name: str) -> User:
    """An account of this test: those of the tests before are still there."""
    handle = f"{name}_{secrets.token_hex(4)}"
    return register(handle=handle, email=f"{handle}@example.org", password=PASSWORD)


@pytest.fixture
def alice(site: Cluster) -> User:
    return person("alice")


@pytest.fixture
def bob(site: Cluster, alice: User) -> User:
    """Follows alice."""
    found = person("bob")
    follow(follower=found, followee=alice)
    return found


def texts(api: Api, path: str = HOME) -> list[str]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    return [each["text"] for each in response.json()["results"]]


@contextmanager
def answered_by(outcome: str, times: int = 1) -> Iterator[None]:
    """The requests of the block are answered so, `times` in all."""
    before = _count(outcome)
    yield
    assert _count(outcome) - before == times, {s.labels["outcome"]: s.value for s in _samples()}


def _count(outcome: str) -> float:
    return sum(s.value for s in _samples() if s.labels["outcome"] == outcome)


def _samples() -> list[Sample]:
    found = [sample for metric in replica_requests.collect() for sample in metric.samples]
    return [sample for sample in found if sample.name.endswith("_total")]


def test_home_comes_from_a_replica(site: Cluster, alice: User, bob: User) -> None:
    post_tweet(author=alice, text="hello")
    site.catch_up()
    with answered_by("replica"):
        assert texts(Api(bob)) == ["hello"]


def test_an_address_of_several_servers_leads_to_the_primary(site: Cluster) -> None:
    """So processes follow when a replica is promoted: `script/tool failover` tries that."""
    folders = [*(each.var for each in site.standbys), site.var]
    hosts = ",".join(str(postgres_socket(each).parent) for each in folders)
    url = f"postgresql://{DATABASE}@/{DATABASE}?host={hosts}&target_session_attrs=read-write"
    with another_database(url), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (False,)


def test_a_primary_that_became_a_replica_is_no_primary(site: Cluster, bob: User) -> None:
    """A pooler may keep the connection, so that only what the server answers tells of it."""
    api = Api(bob)
    site.catch_up()
    with another_database(site.standbys[0].url):
        refused = api.post("/api/tweets", {"text": "nowhere"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        close_old_connections()
        assert connection.connection is None, "the next one may find the primary"


def test_an_error_of_another_kind_leaves_the_connection(site: Cluster) -> None:
    with suppress(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nothing")
    close_old_connections()
    assert connection.connection is not None


def test_one_reads_what_one_wrote_though_all_replicas_lag(site: Cluster, bob: User) -> None:
    site.catch_up()
    api = Api(bob)
    with lagging(site):
        assert api.post("/api/tweets", {"text": "mine"}).status_code == 201
        with answered_by("left", 2):
            assert texts(api) == ["mine"]
            assert texts(Api(bob)) == ["mine"], "also elsewhere, by another sign-in"
    site.catch_up()
    with answered_by("left", 0):
        assert texts(api) == ["mine"]


@contextmanager
def lagging(site: Cluster) -> Iterator[None]:
    """No replica replays anything in the block."""
    for each in site.standbys:
        each.hold()
    try:
        yield
    finally:
        for each in site.standbys:
            each.release()


def test_what_is_taken_away_is_gone_at_once(site: Cluster, alice: User, bob: User) -> None:
    """Though bob has written nothing, and both replicas still have it."""
    kept, deleted = (post_tweet(author=alice, text=text) for text in ("kept", "deleted"))
    site.catch_up()
    assert texts(Api(bob)) == ["deleted", "kept"]
    with lagging(site):
        delete_tweet(author=alice, tweet_id=deleted.pk)
        with answered_by("behind"):
            assert texts(Api(bob)) == ["kept"]
        block(blocker=alice, blocked=bob)
        assert texts(Api(bob)) == []
        assert Api(bob).get(f"/api/tweets/{kept.pk}").status_code == 404
    site.catch_up()
    with answered_by("replica"):
        assert texts(Api(bob)) == []


def test_going_private_hides_at_once(site: Cluster, alice: User, bob: User) -> None:
    tweet = post_tweet(author=alice, text="for all")
    site.catch_up()
    with lagging(site):
        update_profile(user=alice, changes={"private": True})
        assert Api().get(f"/api/tweets/{tweet.pk}").status_code == 404


def test_a_page_that_a_replica_does_not_have_comes_from_the_primary(
    site: Cluster, alice: User
) -> None:
    with lagging(site):
        tweet = post_tweet(author=alice, text="new")
        assert Api().get(f"/api/tweets/{tweet.pk}").status_code == 200


def test_a_new_sign_in_is_known_at_once(site: Cluster, alice: User) -> None:
    site.catch_up()
    with lagging(site):
        browser, app = Client(), Mastodon(alice)
        sign_in = {"login": alice.handle, "password": PASSWORD}
        assert browser.post("/login", sign_in).status_code == 302
        assert f"@{alice.handle}" in browser.get("/").text
        assert app.get("accounts/verify_credentials")["username"] == alice.handle


def test_a_sign_in_that_ended_is_refused_at_once(site: Cluster, alice: User) -> None:
    api = Api(alice)
    site.catch_up()
    assert api.get("/api/me").status_code == 200
    with lagging(site):
        set_password(user=alice, new=PASSWORD[::-1])
        assert api.get("/api/me").status_code == 401


def test_a_timeline_is_built_from_the_primary(site: Cluster, alice: User, bob: User) -> None:
    """What was pushed before the build is only there."""
    with lagging(site):
        tweet = post_tweet(author=alice, text="pushed to nobody")
        assert texts(Api(bob)) == [], "that is what the replica has of it"
        span = store.read([store.home(bob.pk)], below=tweet.pk + 1, limit=20)
    assert [each.ids for each in span.values() if each] == [[tweet.pk]]


def test_a_replica_far_behind_is_left_out(
    site: Cluster, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "MOST_LAG_SECONDS", 0.3)
    site.catch_up()
    with lagging(site):
        Api(alice).post("/api/tweets", {"text": "new"})
        assert texts(Api(bob)) == [], "the lag is seen for the first time"
        time.sleep(0.4)
        with answered_by("none_in_use"):
            assert texts(Api(bob)) == ["new"]
    site.catch_up()
    time.sleep(replicas.CHECK_SECONDS)
    with answered_by("replica"):
        assert texts(Api(bob)) == ["new"]


def test_a_replica_that_was_built_anew_is_only_as_far_as_it_says(
    site: Cluster, alice: User, bob: User
) -> None:
    """The log of a promoted server may begin below what was replayed of the lost primary's."""
    tweet = post_tweet(author=alice, text="hello")
    site.catch_up()
    assert texts(Api(bob)) == ["hello"]
    for each in replicas.replicas():
        each.position = 1 << 60  # what this process knew of the server before
    time.sleep(replicas.CHECK_SECONDS)
    with lagging(site):
        delete_tweet(author=alice, tweet_id=tweet.pk)
        assert texts(Api(bob)) == []


def test_a_dead_replica_is_left_out(site: Cluster, alice: User, bob: User) -> None:
    post_tweet(author=alice, text="hello")
    site.catch_up()
    api = Api(bob)
    for each in site.standbys:
        assert texts(api) == ["hello"]
        each.kill()
        try:
            for _ in range(4):
                assert texts(api) == ["hello"]
        finally:
            each.start()


def test_a_replica_that_hangs_is_left_out(site: Cluster, alice: User, bob: User) -> None:
    post_tweet(author=alice, text="hello")
    site.catch_up()
    apis = [Api(bob) for _ in range(3)]
    for each in site.standbys:
        each.pause()
    try:
        waited = []
        for api in apis:
            started = time.monotonic()
            assert texts(api) == ["hello"]
            waited.append(time.monotonic() - started)
        assert min(waited[1:]) < waited[0] / 2, "the first waited for both"
    finally:
        for each in site.standbys:
            each.resume()


def test_without_the_primary_reads_go_on_and_writes_are_refused(
    site: Cluster, alice: User, bob: User
) -> None:
    tweet = post_tweet(author=alice, text="hello")
    browser, api = Client(raise_request_exception=False), Api(bob)
    browser.force_login(alice)
    assert texts(api) == ["hello"]
    site.catch_up()
    site.primary.kill()
    try:
        assert texts(api) == ["hello"]
        for path in ("/", f"/@{alice.handle}", f"/@{alice.handle}/{tweet.pk}", "/notifications"):
            assert browser.get(path).status_code == 200, path
        ready = Client().get("/readyz")
        assert (ready.status_code, ready.json()["postgres"]) == (200, "down")
        refused = api.post("/api/tweets", {"text": "lost?"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    finally:
        site.primary.start()
        connections[DEFAULT_DB_ALIAS].close()  # as at the end of each request
    assert api.post("/api/tweets", {"text": "again"}).status_code == 201
    assert texts(api) == ["again", "hello"]


def test_without_redis_everything_comes_from_the_primary(
    site: Cluster, alice: User, bob: User
) -> None:
    site.catch_up()
    with lagging(site):
        post_tweet(author=alice, text="new")
        guarded.open_until = time.monotonic() + 60
        try:
            with answered_by("redis_away"):
                assert texts(Api(bob)) == ["new"]
        finally:
            guarded.reset()


def test_a_redis_that_was_emptied_knows_nothing_at_first(
    site: Cluster, alice: User, bob: User
) -> None:
    site.catch_up()
    with lagging(site):
        tweet = post_tweet(author=alice, text="hidden")
        delete_tweet(author=alice, tweet_id=tweet.pk)
        client().flushall()
        with answered_by("unknown"):
            assert texts(Api(bob)) == []
        with answered_by("behind"):
            assert texts(Api(bob)) == []


def test_a_commit_says_its_position_itself(
    site: Cluster, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The primary dies just after it has committed a deletion, which no replica has yet."""
    tweet = post_tweet(author=alice, text="deleted")
    site.catch_up()
    monkeypatch.setattr(routing, "primary_position", _dies)
    with lagging(site):
        delete_tweet(author=alice, tweet_id=tweet.pk)
        with answered_by("behind"):
            assert texts(Api(bob)) == []


def _dies() -> int:
    raise OperationalError("the primary is gone")


def test_a_commit_that_redis_cannot_note_waits_for_replicas(
    site: Cluster, alice: User, bob: User
) -> None:
    """So that other processes, whose Redis answers, do not show what is gone."""
    tweet = post_tweet(author=alice, text="deleted")
    site.catch_up()
    for each in site.standbys:
        each.hold()
    later = [threading.Timer(0.3, each.release) for each in site.standbys]
    guarded.open_until = time.monotonic() + 60
    for timer in later:
        timer.start()
    delete_tweet(author=alice, tweet_id=tweet.pk)
    guarded.reset()
    with answered_by("replica"):
        assert texts(Api(bob)) == []
    for timer in later:
        timer.join()


def test_homes_from_replicas_are_what_the_oracle_says(
    site: Cluster, drain: Callable[..., int]
) -> None:
    """After changes at random, page after page, while one replica lags half of the time.

    What is gone is in none of them at once, and nothing is missing once all is delivered.
    """
    rng = random.Random(37)
    people = [person(f"p{number}") for number in range(5)]
    for turn in range(60):
        one, other = rng.sample(people, 2)
        rng.choice((follow_, follow_, unfollow_, post_, post_, post_, delete_, block_, mute_))(
            one, other
        )
        viewer = rng.choice(people)
        assert set(walk(Api(viewer))) <= set(expected(viewer)), turn
        if turn % 20 == 10:
            site.standbys[0].hold()
        if turn % 20 == 19:
            site.standbys[0].release()
            drain()
            site.catch_up()
            assert [walk(Api(each)) for each in people] == [expected(each) for each in people]


def expected(viewer: User) -> list[int]:
    return [id_ for id_, _ in oracle.entries(viewer)]


def walk(api: Api) -> list[int]:
    """All ids of a home timeline, page after page."""
    found: list[int] = []
    path = f"{HOME}?limit=5"
    while path:
        body = api.get(path).json()
        found += [int(each["id"]) for each in body["results"]]
        path = body["next"]
    return found


def follow_(one: User, other: User) -> None:
    with suppress(ChirpError):  # across a block
        follow(follower=one, followee=other)


def unfollow_(one: User, other: User) -> None:
    unfollow(follower=one, followee=other)


def post_(one: User, other: User) -> None:
    post_tweet(author=one, text="hello")


def delete_(one: User, other: User) -> None:
    if found := Tweet.objects.filter(author=one, deleted_at=None).first():
        delete_tweet(author=one, tweet_id=found.pk)


def block_(one: User, other: User) -> None:
    block(blocker=one, blocked=other)


def mute_(one: User, other: User) -> None:
    mute(muter=one, muted=other)


def test_status_and_metrics_count_the_replicas(site: Cluster) -> None:
    assert replica_state() == ("up", 200)
    assert gauges()["chirp_replicas_in_use"] == 2
    assert gauges()["chirp_replica_lag_bytes"] < 1_000_000
    site.standbys[0].kill()
    try:
        assert replica_state() == ("partly", 200)
        assert gauges()["chirp_replicas_in_use"] == 1
    finally:
        site.standbys[0].start()


def replica_state() -> tuple[str, int]:
    """The state of the replicas on the status page, and the status of the check for readiness."""
    status_cache.clear()
    parts = {part.key: part.state for part in status_cache.status().parts}
    return parts["replicas"], Client().get("/readyz").status_code
