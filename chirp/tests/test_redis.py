"""The connections to Redis: their URLs, incarnations and failures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from chirp.observability import metrics
from chirp.redis import client
from chirp.redis.client import RedisAway, guarded, node_of
from chirp.redis.urls import Address, BadRedisUrl, parse
from operations import gauges
from tests.helpers.faults import embedded_servers, without
from tests.helpers.ports import free_ports
from tests.helpers.valkeys import Shape, node, running_cluster, talk_to, wait_until

SENTINELS = "redis+sentinel://:pass%40word@one:1,two/timelines/3"
CLUSTER = "rediss+cluster://user:secret@[::1]:7000,two:7001"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://localhost:6379/0", Address("single")),
        ("unix:///run/valkey.sock?db=1", Address("single")),
        (
            SENTINELS,
            Address(
                "sentinel",
                [("one", 1), ("two", 26379)],
                "timelines",
                3,
                login={"password": "pass@word"},
            ),
        ),
        ("redis+sentinel://one/name", Address("sentinel", [("one", 26379)], "name")),
        (
            CLUSTER,
            Address(
                "cluster",
                [("::1", 7000), ("two", 7001)],
                tls=True,
                login={"username": "user", "password": "secret"},
            ),
        ),
        ("redis+cluster://one", Address("cluster", [("one", 6379)])),
    ],
)
def test_a_url_is_parsed(url: str, address: Address) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "memcached://localhost",
        "redis://localhost:99999/0",
        "redis://localhost:0/0",
        "redis://[::1/0",
        "redis+sentinel://one:26379",
        "redis+sentinel://one/name/x",
        "redis+sentinel://one/name/1/2",
        "redis+sentinel://one:0/name",
        "redis+cluster://",
        "redis+cluster://one,,two",
        "redis+cluster://one:x",
        "redis+cluster://one/1",
    ],
)
def test_an_invalid_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadRedisUrl) as caught:
        parse(url.replace("//", "//:topsecret@", 1))
    assert "topsecret" not in str(caught.value)


def incarnation() -> str:
    """The incarnation of the server that the next command is sent to."""
    found: list[str] = []
    with guarded():
        node_of("key").run(lambda name: found.append(name) or [("PING",)])  # type: ignore[func-returns-value]
    return found[0]


@pytest.mark.usefixtures("redis")
def test_an_incarnation_lasts_as_long_as_the_server_runs() -> None:
    before = incarnation()
    for server in client.nodes():
        server.client.connection_pool.disconnect()
    assert incarnation() == before
    with without(embedded_servers().valkey):
        pass
    assert incarnation() != before
    assert len(before) == 8


@pytest.mark.usefixtures("redis")
def test_an_error_leaves_no_reply_for_the_next_command() -> None:
    with pytest.raises(RedisAway), guarded():
        node_of("key").run(lambda _: [("GET",), ("SET", "key", "1"), ("GET", "key")])
    # An error reply is still a reply, so it does not open the breaker.
    with guarded():
        assert node_of("key").run(lambda _: [("PING",)]) == [b"PONG"]


@pytest.mark.usefixtures("redis")
def test_after_a_failure_no_call_is_tried_for_a_second() -> None:
    with pytest.raises(RedisAway), guarded():
        raise ConnectionError("gone")
    with pytest.raises(RedisAway, match="moments ago"), guarded():
        pytest.fail("it was tried")


# --- A cluster -----------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path: Path, settings: Settings) -> Iterator[Shape]:
    """A cluster of two masters, which this process uses."""
    with running_cluster(tmp_path, free_ports(2)) as shape:
        settings.REDIS_URL = shape.url
        settings.REDIS_TIMEOUT_MS = 1_000  # long enough for a slow machine to answer in time
        client._servers.cache_clear()
        guarded.reset()
        yield shape
        client._servers.cache_clear()
        guarded.reset()


def set_and_get(value: str, key: str = "key") -> Any:
    with guarded():
        return node_of(key).run(lambda _: [("SET", key, value), ("GET", key)])[1]


def a_key_on_another_master(shape: Shape) -> str:
    """A key that is not on the master of "key"."""
    mine = shape.master_of("key")
    return next(key for key in map(str, range(100)) if shape.master_of(key) != mine)


def openings() -> float:
    """How often breakers have opened so far."""
    return metrics.totals()["chirp_redis_breaker_openings_total"]


def test_a_key_that_moved_to_another_master_is_found(cluster: Shape) -> None:
    assert set_and_get("7") == b"7"
    move(cluster.master_of("key"), list(cluster.nodes), "key")
    with pytest.raises(RedisAway):
        set_and_get("8")
    guarded.reset()
    assert set_and_get("9") == b"9"
    assert len(client.nodes()) == 2


@pytest.fixture
def long_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes breakers stay open for the whole test, even on a slow machine."""
    monkeypatch.setattr(client, "BREAK_SECONDS", 600.0)


@pytest.mark.usefixtures("long_breaks")
@pytest.mark.parametrize("fault", ["pause", "kill"])
def test_an_unavailable_master_is_skipped_and_the_others_are_used(
    cluster: Shape, fault: str
) -> None:
    other = a_key_on_another_master(cluster)
    assert (set_and_get("1"), set_and_get("1", other)) == (b"1", b"1")
    assert gauges.redis_memory()
    before = openings()
    getattr(cluster.nodes[cluster.master_of("key")], fault)()
    with pytest.raises(RedisAway):
        set_and_get("2")
    for value in (b"3", b"4", b"5"):
        with pytest.raises(RedisAway, match="moments ago"):
            set_and_get("2")
        assert set_and_get(value.decode(), other) == value
    assert openings() - before == 1
    assert gauges.redis_memory() is None, "the memory of one master is unknown"


def test_a_master_is_used_again_once_it_is_back_and_at_once_after_an_error_reply(
    cluster: Shape,
) -> None:
    before = openings()
    with pytest.raises(RedisAway), guarded():
        node_of("key").run(lambda _: [("GET",)])
    assert set_and_get("1") == b"1"
    assert openings() == before, "an error reply opens no breaker"
    master = cluster.nodes[cluster.master_of("key")]
    master.pause()
    with pytest.raises(RedisAway):
        set_and_get("2")
    master.resume()
    wait_until(lambda: works(lambda: set_and_get("3")))
    assert set_and_get("4") == b"4"


def test_keys_in_a_slot_without_a_master_fail_and_others_do_not(cluster: Shape) -> None:
    other = a_key_on_another_master(cluster)
    assert set_and_get("1", other) == b"1"
    for port in cluster.nodes:
        with talk_to(port) as client:
            slot = client.execute_command("CLUSTER", "KEYSLOT", "key")
            client.execute_command("CLUSTER", "DELSLOTS", slot)
    for value in (b"2", b"3", b"4"):
        with pytest.raises(RedisAway):
            set_and_get("2")
        assert set_and_get(value.decode(), other) == value


@pytest.mark.usefixtures("long_breaks")
def test_a_cluster_that_does_not_answer_is_not_tried_for_a_second(cluster: Shape) -> None:
    other = a_key_on_another_master(cluster)
    set_and_get("1")
    cluster.group.kill()
    for key in ("key", other):
        with pytest.raises(RedisAway):
            set_and_get("2", key)
    with pytest.raises(RedisAway, match="moments ago"), guarded():
        pytest.fail("it was tried")


def works(call: Callable[[], Any]) -> bool:
    """Whether a call succeeds, instead of raising RedisAway."""
    try:
        call()
    except RedisAway:
        return False
    return True


def move(source: int, ports: list[int], key: str) -> None:
    """Delete a key, and move its slot to the other node."""
    (target,) = set(ports) - {source}
    with talk_to(source) as old, talk_to(target) as new:
        old.delete(key)
        slot = old.execute_command("CLUSTER", "KEYSLOT", key)
        owner = new.execute_command("CLUSTER", "MYID")
        for server in (new, old):
            server.execute_command("CLUSTER", "SETSLOT", slot, "NODE", owner)


def test_a_server_that_requires_a_password_gets_it(tmp_path: Path, settings: Settings) -> None:
    (port,) = free_ports(1)
    server = node(tmp_path, port, "--requirepass", "open sesame")
    server._answers = lambda: True
    server.start()
    try:
        settings.REDIS_URL = f"redis://:open%20sesame@127.0.0.1:{port}/0"
        client._servers.cache_clear()
        wait_until(answers)
    finally:
        client._servers.cache_clear()
        guarded.reset()
        server.kill()


def answers() -> bool:
    guarded.reset()
    return works(incarnation)
