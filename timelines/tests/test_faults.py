"""Failures while timelines are written and read: nothing is lost, and nothing is repeated."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from chirp.pagination import PageRequest
from chirp.redis.client import RedisAway, client
from outbox import relaying
from outbox import services as outbox
from people import services as people
from tests.helpers.faults import embedded_servers, frozen, without
from tests.helpers.processes import RELAY, WORKER, kill, process, wait_until
from tests.helpers.threads import at_once
from tests.helpers.timelines import make_all_due
from timelines import fanout, oracle, selectors, store
from timelines.store import Span
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db(transaction=True)
Drain = Callable[..., int]
FANS = 10_000
READERS = 20


def post(author: User) -> int:
    return int(post_tweet(author=author, text="hello").pk)


def read(viewer: User) -> list[int]:
    return [entry.id for entry in selectors.home(viewer=viewer, page=PageRequest()).results]


@pytest.mark.parametrize("fault", ["stopped", "killed", "frozen"])
def test_without_redis_home_and_posting_are_right(
    fault: str, alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    before = post(alice)
    drain()
    assert read(bob) == [before]
    valkey = embedded_servers().valkey
    with frozen(valkey) if fault == "frozen" else without(valkey, kill=fault == "killed"):
        during = post(alice)
        own = post(bob)
        assert read(bob) == [own, during, before]
        with pytest.raises(RedisAway):
            drain()
        assert outbox.owed() > 0
    after = post(alice)
    make_all_due()
    drain()
    assert outbox.owed() == 0
    assert read(bob) == [after, own, during, before]
    for viewer in (alice, bob):
        assert oracle.verify(viewer, limit=2) is None


def test_a_redis_that_was_emptied_is_filled_from_postgres(
    alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    ids = [post(alice) for _ in range(3)]
    drain()
    read(bob)
    client().flushall()
    assert read(bob) == ids[::-1]
    assert store.peek(store.home(bob.pk)) == (0, ids[::-1])


def test_many_readers_of_a_cold_timeline_build_it_once(
    alice: User, bob: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.follow(follower=bob, followee=alice)
    newest = post(alice)
    drain()
    builds: list[bool] = []
    finish = store.finish

    def recording(spans: dict[store.Source, Span], tokens: dict[store.Source, str]) -> bool:
        builds.append(finish(spans, tokens))
        return builds[-1]

    monkeypatch.setattr(store, "finish", recording)
    pages: list[list[int]] = []

    def reader() -> None:
        pages.append(read(bob))

    assert at_once([reader] * READERS) == []
    assert pages == [[newest]] * READERS
    assert builds == [True]


def test_a_builder_that_died_leaves_readers_to_postgres(
    alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    newest = post(alice)
    drain()
    assert store.announce([store.home(bob.pk)])  # the builder never finishes
    assert read(bob) == [newest]
    client().delete(store.home(bob.pk).build)  # the lease ends
    assert read(bob) == [newest]
    assert store.peek(store.home(bob.pk))[0] == 0


def test_no_push_is_lost_in_a_race_with_builders(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    done = threading.Event()

    def evict_and_read() -> None:
        while not done.is_set():
            store.drop([store.home(bob.pk)])
            read(bob)

    def write() -> None:
        for _ in range(60):
            fanout.fan_out(tweet_ids=[post(alice)])
        done.set()

    assert at_once([evict_and_read, evict_and_read, write]) == []
    drain()
    assert oracle.verify(bob, limit=7) is None


def test_timelines_are_correct_after_a_race_of_follows_unfollows_posts_and_merges(
    alice: User, bob: User, drain: Drain
) -> None:
    read(bob)
    done = threading.Event()

    def follow_and_unfollow() -> None:
        for _ in range(25):
            people.follow(follower=bob, followee=alice)
            people.unfollow(follower=bob, followee=alice)
        people.follow(follower=bob, followee=alice)
        done.set()

    def write() -> None:
        while not done.is_set():
            post(alice)

    def deliver() -> None:
        while not done.is_set():
            drain(times=2)

    assert at_once([follow_and_unfollow, write, deliver, deliver]) == []
    make_all_due()
    drain()
    assert oracle.verify(bob, limit=20) is None
    assert len(store.peek(store.home(bob.pk))[1]) > 0


def _create_fans(author: User) -> list[store.Source]:
    """Create 10,000 followers with warm, empty timelines, and return the timelines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH people AS (
                INSERT INTO accounts_user (handle, email, password, name, bio, place, link, private,
                    is_staff, is_superuser, token_version, followers_count, following_count,
                    tweets_count, likes_count)
                SELECT 'fan' || n, n || '@example.org', '!', '', '', '', '', false, false, false,
                    0, 0, 1, 0, 0 FROM generate_series(1, %s) n RETURNING id
            ), edges AS (
                INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
                SELECT id, %s, chirp_next_id(), true FROM people
            ) SELECT id FROM people
            """,
            [FANS, author.pk],
        )
        fans = [store.home(row[0]) for row in cursor.fetchall()]
    User.objects.filter(pk=author.pk).update(followers_count=FANS)
    for start in range(0, FANS, 500):
        tokens = store.announce(fans[start : start + 500])
        assert store.finish(dict.fromkeys(tokens, Span([], 0)), tokens)
    return fans


def _count_with(fans: list[store.Source], tweet_id: int) -> int:
    """Return how many of the timelines contain the tweet, which is the only one."""
    slices = store.read(fans, below=2**53, limit=5).values()
    stored = [piece.ids for piece in slices if piece is not None]
    assert all(ids in ([], [tweet_id]) for ids in stored)
    return sum(ids == [tweet_id] for ids in stored)


@pytest.mark.slow
def test_a_worker_killed_during_a_large_fan_out_skips_no_follower(
    alice: User, tmp_path: Path, settings: Settings
) -> None:
    settings.CELEBRITY_FOLLOWERS = FANS + 1
    fans = _create_fans(alice)
    log = tmp_path / "log"
    tweet_id = 0
    with process(log, *WORKER) as worker:
        wait_until(lambda: "ready." in log.read_text(), log)
        with process(log, *RELAY):
            tweet_id = post(alice)
            wait_until(lambda: _count_with(fans[::200], tweet_id) > 5, log)
            kill(worker)
    reached = _count_with(fans, tweet_id)
    assert 0 < reached < FANS, "the worker was killed too early or too late: nothing is tested"
    make_all_due()
    with process(log, *WORKER), process(log, *RELAY):
        wait_until(lambda: outbox.owed() == 0, log)
    assert _count_with(fans, tweet_id) == FANS


@pytest.mark.slow
def test_workers_and_relay_survive_a_restart_of_valkey_without_data(
    alice: User, bob: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with process(log, *WORKER), process(log, *RELAY):
        people.follow(follower=bob, followee=alice)
        wait_until(lambda: outbox.owed() == 0, log)
        read(bob)
        with without(embedded_servers().valkey, kill=True):
            post(alice)
        post(alice)
        read(bob)
        wait_until(lambda: outbox.owed() == 0, log)
        newest = post(alice)
        wait_until(lambda: newest in store.peek(store.home(bob.pk))[1], log)
    assert oracle.verify(bob, limit=2) is None


def _backends() -> set[int]:
    """The processes of Postgres that serve the connections of other processes to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


@pytest.mark.slow
def test_workers_keep_their_connections_and_notice_that_one_was_closed(
    alice: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    def post_and_deliver() -> set[int]:
        post(alice)
        relaying.relay()  # once: no event is sent again
        wait_until(lambda: outbox.owed() == 0, log)
        return _backends()

    with process(log, *WORKER):
        kept = post_and_deliver()
        for _ in range(3):
            kept &= post_and_deliver()
        assert kept
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [[*kept]])
        assert not kept & post_and_deliver()
