"""Failing masters: a lagging replica takes over, or the server restarts with old data."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_django import Settings
from redis import ResponseError

from accounts.models import User
from chirp.redis import client
from chirp.redis.client import RedisAway
from outbox import services as outbox
from people import services as people
from tests.helpers import slots
from tests.helpers.metrics import value
from tests.helpers.ports import free_ports
from tests.helpers.timelines import (
    Drain,
    Person,
    held,
    is_warm,
    make_all_due,
    make_celebrity,
    post,
    read,
    right,
)
from tests.helpers.valkeys import (
    Shape,
    node,
    running_cluster,
    running_sentinel,
    talk_to,
    wait_until,
)
from timelines import store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Use = Callable[[str], None]


@pytest.fixture
def use(settings: Settings) -> Iterator[Use]:
    """A function that makes this process use the Redis at another URL."""

    def switch(url: str) -> None:
        settings.REDIS_URL = url
        client._servers.cache_clear()

    yield switch
    client._servers.cache_clear()


@pytest.fixture
def cluster(tmp_path: Path, use: Use) -> Iterator[Shape]:
    """Three masters with a replica each, and with a short time until a failover."""
    with running_cluster(tmp_path, free_ports(6), replicas=3, timeout_ms=1_000) as shape:
        use(shape.url)
        yield shape


@pytest.fixture
def masters(tmp_path: Path, use: Use, settings: Settings) -> Iterator[Shape]:
    """Three masters without replicas, so that there is no failover."""
    settings.REDIS_TIMEOUT_MS = 1_000  # long enough for available masters on a slow machine
    with running_cluster(tmp_path, free_ports(3)) as shape:
        use(shape.url)
        yield shape


@pytest.fixture
def sentinel(tmp_path: Path, use: Use) -> Iterator[Shape]:
    """A master with a replica, and a Sentinel."""
    with running_sentinel(tmp_path, free_ports(3)) as shape:
        use(shape.url)
        yield shape


@pytest.fixture
def push(alice: User, drain: Drain) -> Callable[[], int]:
    """A function that posts a tweet by alice, and delivers it."""

    def deliver() -> int:
        tweet = post(alice)
        drain()
        return tweet

    return deliver


@pytest.fixture
def warm_reader(alice: User, bob: User, drain: Drain) -> Callable[[], int]:
    """A function that makes bob follow alice, and gives him a warm timeline with a tweet."""

    def make() -> int:
        people.follow(follower=bob, followee=alice)
        drain()
        read(bob)
        tweet = post(alice)
        drain()
        assert held(bob) == [tweet]
        return tweet

    return make


def replica_of(shape: Shape, master: int) -> int:
    """Return the port of the replica of the master on the port `master`."""
    for port in shape.nodes:
        with talk_to(port) as client:
            state = client.info("replication")
        if state["role"] == "slave" and state["master_port"] == master:
            return port
    raise AssertionError("the master has no replica")


def members(port: int, viewer: User) -> list[int]:
    """Return the ids in a timeline on one node, even if its floor is from another incarnation."""
    with talk_to(port) as client:
        client.execute_command("READONLY")
        found = client.zrange(store.home(viewer.pk).key, 0, -1)
    return [int(member) for member in found if member.isdigit()]


def is_master(port: int) -> bool:
    with talk_to(port) as client:
        return bool(client.info("replication")["role"] == "master")


def reads_until(condition: Callable[[], bool], viewer: User, expected: list[int]) -> None:
    """Read until the condition is true. Every read must return the expected page."""

    def read_and_check() -> bool:
        assert read(viewer) == expected
        return condition()

    wait_until(read_and_check)


def reads_until_warm(viewer: User, expected: list[int]) -> None:
    """Read until the timeline is warm again. Every read must return the expected page."""

    def warm() -> bool:
        try:
            return is_warm(viewer)
        except RedisAway:
            return False

    reads_until(warm, viewer, expected)
    assert held(viewer) == expected


def fail_over_with_lag(shape: Shape, master: int, push: Callable[[], int], viewer: User) -> int:
    """Kill a master after a push that is not replicated. Return the replica, which takes over."""
    replica = replica_of(shape, master)
    shape.nodes[replica].pause()
    with talk_to(master) as client:  # otherwise the push would wait in the replica's socket
        client.execute_command("CLIENT", "KILL", "TYPE", "REPLICA")
    lost = push()
    assert lost in members(master, viewer)
    shape.nodes[master].kill()
    shape.nodes[replica].resume()
    return replica


def assert_no_gap(replica: int, viewer: User, first: int) -> None:
    """Check every read while a replica with only the first tweet takes over, and until warm."""
    expected = [read(viewer)[0], first]
    reads_until(lambda: is_master(replica), viewer, expected)
    assert members(replica, viewer) == [first], "the replica does not lag: nothing is tested"
    reads_until_warm(viewer, expected)


def test_a_failover_to_a_lagging_replica_in_a_cluster_leaves_no_gap(
    cluster: Shape,
    alice: User,
    bob: User,
    push: Callable[[], int],
    warm_reader: Callable[[], int],
) -> None:
    first = warm_reader()
    master = cluster.master_of(store.home(bob.pk).key)
    replica = fail_over_with_lag(cluster, master, push, bob)
    assert_no_gap(replica, bob, first)
    right(alice, bob)


def test_a_failover_to_a_lagging_replica_by_sentinel_leaves_no_gap(
    sentinel: Shape,
    alice: User,
    bob: User,
    push: Callable[[], int],
    warm_reader: Callable[[], int],
) -> None:
    first = warm_reader()
    master = next(iter(sentinel.nodes))
    replica = fail_over_with_lag(sentinel, master, push, bob)
    assert_no_gap(replica, bob, first)
    right(alice, bob)


def test_tweets_posted_without_a_master_are_delivered_after_the_failover(
    cluster: Shape,
    alice: User,
    bob: User,
    drain: Drain,
    warm_reader: Callable[[], int],
) -> None:
    first = warm_reader()
    master = cluster.master_of(store.home(bob.pk).key)
    replica = replica_of(cluster, master)
    cluster.nodes[master].kill()
    second = post(alice)
    with pytest.raises(RedisAway):
        drain()
    reads_until(lambda: is_master(replica), bob, [second, first])
    reads_until_warm(bob, [second, first])
    third = post(alice)

    def delivered() -> bool:
        make_all_due()
        with suppress(RedisAway):
            drain()
        return outbox.owed() == 0

    wait_until(delivered)
    assert held(bob) == [third, second, first]
    right(alice, bob)


def user_on_another_master(key: str, shape: Shape, person: Person) -> User:
    """Return a user whose timeline is on another master than `key`."""
    users = map(person, (f"reader{number}" for number in range(100)))
    master = shape.master_of(key)
    return next(user for user in users if shape.master_of(store.home(user.pk).key) != master)


def growth(name: str, **labels: str) -> Callable[[], float]:
    """Return a function that returns how much a counter of timelines has grown since now."""
    before = value(f"chirp_timeline_{name}", **labels)
    return lambda: value(f"chirp_timeline_{name}", **labels) - before


@pytest.mark.parametrize("fault", ["pause", "kill"])
def test_readers_of_other_masters_are_not_affected_when_one_is_unavailable(
    masters: Shape,
    alice: User,
    bob: User,
    person: Person,
    drain: Drain,
    warm_reader: Callable[[], int],
    fault: str,
) -> None:
    first = warm_reader()
    dora = user_on_another_master(store.home(bob.pk).key, masters, person)
    people.follow(follower=dora, followee=alice)
    drain()
    assert read(dora) == [first]
    warm, away = growth("reads_total", state="warm"), growth("reads_total", state="away")
    getattr(masters.nodes[masters.master_of(store.home(bob.pk).key)], fault)()
    for _ in range(10):
        assert read(bob) == read(dora) == [first]
    assert (warm(), away()) == (10, 10)
    second = post(alice)
    with suppress(RedisAway):
        drain()
    for _ in range(3):
        assert read(bob) == [second, first]
    assert outbox.owed() > 0, "the push to bob's timeline failed"
    assert held(dora) == [second, first], "the push to dora's timeline succeeded"
    right(alice, bob, dora)


def test_a_page_that_needs_an_unavailable_master_comes_from_postgres(
    masters: Shape, alice: User, person: Person, drain: Drain
) -> None:
    make_celebrity(alice, drain)
    master = masters.master_of(store.author(alice.pk).key)
    dora = user_on_another_master(store.author(alice.pk).key, masters, person)
    people.follow(follower=dora, followee=alice)
    tweet = post(alice)
    drain()
    assert read(dora) == [tweet]
    warm, away = growth("reads_total", state="warm"), growth("reads_total", state="away")
    assert read(dora) == [tweet]
    masters.nodes[master].kill()
    for _ in range(5):
        assert read(dora) == [tweet]
    assert (warm(), away()) == (1, 5)
    right(alice, dora)


def test_a_server_that_restarts_with_old_data_leaves_no_gap(
    tmp_path: Path,
    use: Use,
    alice: User,
    bob: User,
    drain: Drain,
    warm_reader: Callable[[], int],
) -> None:
    (port,) = free_ports(1)
    server = node(tmp_path, port, "--dbfilename", "old.rdb")
    server.start()
    try:
        use(f"redis://127.0.0.1:{port}/0")
        first = warm_reader()
        with talk_to(port) as client:
            client.save()
        second = post(alice)
        drain()
        server.kill()
        server.start()
        assert members(port, bob) == [first], "the snapshot was not loaded: nothing is tested"
        reads_until_warm(bob, [second, first])
        right(alice, bob)
    finally:
        server.kill()


def test_slots_that_move_to_another_master_and_back_lose_nothing(
    masters: Shape,
    warm_reader: Callable[[], int],
    alice: User,
    bob: User,
    drain: Drain,
) -> None:
    posted = [warm_reader()]
    key, ports = store.home(bob.pk).key, list(masters.nodes)
    with talk_to(ports[0]) as node:
        slot = node.execute_command("CLUSTER", "KEYSLOT", key)
    stopping, moves = threading.Event(), []

    def move_about() -> None:
        while not stopping.is_set():
            source = masters.master_of(key)
            target = next(port for port in ports if port != source)
            # The node that said so may have heard late of the move before.
            with suppress(ResponseError):
                slots.move([slot], source, target, among=ports)
                moves.append(target)

    mover = threading.Thread(target=move_about, daemon=True)
    mover.start()
    for _ in range(15):
        posted.insert(0, post(alice))
        with suppress(RedisAway):  # what a worker would try again
            drain()
        assert set(read(bob)) <= set(posted)
    wait_until(lambda: len(moves) > 1)
    stopping.set()
    mover.join()
    wait_until(lambda: try_to_deliver(drain))
    reads_until_warm(bob, posted)
    right(alice, bob)


def try_to_deliver(drain: Drain) -> bool:
    with suppress(RedisAway):
        make_all_due()
        drain()
    return not outbox.owed()
