"""Masters that fail: their replicas take over and lag, or they come back with old data."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from chirp.redis import client
from chirp.redis.client import RedisAway
from outbox import services as outbox
from people import services as people
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
    """Makes this process use the Redis at another URL."""

    def switch(url: str) -> None:
        settings.REDIS_URL = url
        client._servers.cache_clear()

    yield switch
    client._servers.cache_clear()


@pytest.fixture
def cluster(tmp_path: Path, use: Use) -> Iterator[Shape]:
    """Three masters with a replica each, quick to notice that one is gone."""
    with running_cluster(tmp_path, free_ports(6), replicas=3, timeout_ms=1_000) as shape:
        use(shape.url)
        yield shape


@pytest.fixture
def masters(tmp_path: Path, use: Use, settings: Settings) -> Iterator[Shape]:
    """Three masters without replicas: nobody takes over."""
    settings.REDIS_TIMEOUT_MS = 1_000  # so that no machine is too slow for those that answer
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
    """Lets alice post, and delivers it."""

    def deliver() -> int:
        tweet = post(alice)
        drain()
        return tweet

    return deliver


@pytest.fixture
def warm_reader(alice: User, bob: User, drain: Drain) -> Callable[[], int]:
    """Lets bob, who follows alice, have a warm timeline with a tweet."""

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
    """The port of the replica of the master on a port."""
    for port in shape.nodes:
        with talk_to(port) as client:
            state = client.info("replication")
        if state["role"] == "slave" and state["master_port"] == master:
            return port
    raise AssertionError("it has none")


def members(port: int, viewer: User) -> list[int]:
    """The ids in a timeline on one node, whatever they are worth."""
    with talk_to(port) as client:
        client.execute_command("READONLY")
        found = client.zrange(store.home(viewer.pk).key, 0, -1)
    return [int(member) for member in found if member.isdigit()]


def is_master(port: int) -> bool:
    with talk_to(port) as client:
        return bool(client.info("replication")["role"] == "master")


def reads_until(condition: Callable[[], bool], viewer: User, expected: list[int]) -> None:
    """Read again and again until something has happened: every page is as it should be."""

    def read_and_look() -> bool:
        assert read(viewer) == expected
        return condition()

    wait_until(read_and_look)


def reads_until_warm(viewer: User, expected: list[int]) -> None:
    """Read until the timeline is in Redis again."""

    def warm() -> bool:
        try:
            return is_warm(viewer)
        except RedisAway:
            return False

    reads_until(warm, viewer, expected)
    assert held(viewer) == expected


def take_over_lagging(shape: Shape, master: int, push: Callable[[], int], viewer: User) -> int:
    """A master takes a push that its replica never hears of, and dies. The replica takes over."""
    replica = replica_of(shape, master)
    shape.nodes[replica].pause()
    with talk_to(master) as client:  # else the push would wait in the replica's socket
        client.execute_command("CLIENT", "KILL", "TYPE", "REPLICA")
    lost = push()
    assert lost in members(master, viewer)
    shape.nodes[master].kill()
    shape.nodes[replica].resume()
    return replica


def no_hole_is_seen(replica: int, viewer: User, first: int) -> None:
    """While a replica that only has the first tweet takes over, and until all is warm again."""
    expected = [read(viewer)[0], first]
    reads_until(lambda: is_master(replica), viewer, expected)
    assert members(replica, viewer) == [first], "it does not lag, so it proves nothing"
    reads_until_warm(viewer, expected)


def test_a_replica_of_a_cluster_that_takes_over_and_lags_shows_no_hole(
    cluster: Shape,
    alice: User,
    bob: User,
    push: Callable[[], int],
    warm_reader: Callable[[], int],
) -> None:
    first = warm_reader()
    master = cluster.master_of(store.home(bob.pk).key)
    replica = take_over_lagging(cluster, master, push, bob)
    no_hole_is_seen(replica, bob, first)
    right(alice, bob)


def test_a_replica_behind_sentinels_that_takes_over_and_lags_shows_no_hole(
    sentinel: Shape,
    alice: User,
    bob: User,
    push: Callable[[], int],
    warm_reader: Callable[[], int],
) -> None:
    first = warm_reader()
    master = next(iter(sentinel.nodes))
    replica = take_over_lagging(sentinel, master, push, bob)
    no_hole_is_seen(replica, bob, first)
    right(alice, bob)


def test_what_is_posted_while_a_master_of_a_cluster_is_away_is_delivered_afterwards(
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


def not_on_the_master_of(key: str, shape: Shape, person: Person) -> User:
    """Somebody whose timeline is on another master than a key."""
    people = map(person, (f"reader{number}" for number in range(100)))
    master = shape.master_of(key)
    return next(one for one in people if shape.master_of(store.home(one.pk).key) != master)


def grown(name: str, **labels: str) -> Callable[[], float]:
    """How much a counter of timelines grows from now on."""
    before = value(f"chirp_timeline_{name}", **labels)
    return lambda: value(f"chirp_timeline_{name}", **labels) - before


@pytest.mark.parametrize("fault", ["pause", "kill"])
def test_readers_of_the_other_masters_notice_nothing_when_one_is_away(
    masters: Shape,
    alice: User,
    bob: User,
    person: Person,
    drain: Drain,
    warm_reader: Callable[[], int],
    fault: str,
) -> None:
    first = warm_reader()
    dora = not_on_the_master_of(store.home(bob.pk).key, masters, person)
    people.follow(follower=dora, followee=alice)
    drain()
    assert read(dora) == [first]
    warm, away = grown("reads_total", state="warm"), grown("reads_total", state="away")
    getattr(masters.nodes[masters.master_of(store.home(bob.pk).key)], fault)()
    for _ in range(10):
        assert read(bob) == read(dora) == [first]
    assert (warm(), away()) == (10, 10)
    second = post(alice)
    with suppress(RedisAway):
        drain()
    for _ in range(3):
        assert read(bob) == [second, first]
    assert outbox.owed() > 0, "bob's timeline did not get it"
    assert held(dora) == [second, first], "but dora's did"
    right(alice, bob, dora)


def test_a_page_of_which_a_part_is_on_a_master_that_is_away_comes_from_postgres(
    masters: Shape, alice: User, person: Person, drain: Drain
) -> None:
    make_celebrity(alice, drain)
    master = masters.master_of(store.author(alice.pk).key)
    dora = not_on_the_master_of(store.author(alice.pk).key, masters, person)
    people.follow(follower=dora, followee=alice)
    tweet = post(alice)
    drain()
    assert read(dora) == [tweet]
    warm, away = grown("reads_total", state="warm"), grown("reads_total", state="away")
    assert read(dora) == [tweet]
    masters.nodes[master].kill()
    for _ in range(5):
        assert read(dora) == [tweet]
    assert (warm(), away()) == (1, 5)
    right(alice, dora)


def test_a_server_that_comes_back_with_old_data_shows_no_hole(
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
        assert members(port, bob) == [first], "the snapshot is not there, so this proves nothing"
        reads_until_warm(bob, [second, first])
        right(alice, bob)
    finally:
        server.kill()
