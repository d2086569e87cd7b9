"""Valkey in other shapes, for tests: a cluster, and a master that Sentinels watch.

All are real servers out of the wheel, on TCP ports of the loopback interface, which these shapes
need, with their files below a folder of the test.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from runner.embedded import Server
from runner.embedded.valkey import valkey_program

SLOTS = 16_384
PATIENCE = 30.0
AWAY = (RedisError, OSError)  # a node that does not answer, or not yet as it should
NOTHING_ON_DISK = ("--save", "", "--appendonly", "no")


class Group:
    """Servers that tests break, and mend, as if they were one."""

    def __init__(self, servers: Sequence[Any], ready: Callable[[], bool] = lambda: True) -> None:
        self.servers = servers
        self._ready = ready

    def start(self) -> None:
        """Start all of them, and wait until they are one again."""
        for server in self.servers:
            server.start()
        wait_until(self._ready)

    def stop(self) -> None:
        """Stop all of them."""
        for server in self.servers:
            server.stop()

    def kill(self) -> None:
        """End all of them at once."""
        for server in self.servers:
            server.kill()

    def pause(self) -> None:
        """Freeze all of them."""
        for server in self.servers:
            server.pause()

    def resume(self) -> None:
        """Let all of them go on."""
        for server in self.servers:
            server.resume()


@dataclass(frozen=True, slots=True)
class Shape:
    """Servers that together are one Redis at `url`; `nodes` by port."""

    url: str
    nodes: dict[int, Server]
    group: Group

    def master_of(self, key: str) -> int:
        """The port of the master that has `key` in a cluster."""
        for port in self.nodes:
            with talk_to(port) as node, suppress(*AWAY):
                slot = node.execute_command("CLUSTER", "KEYSLOT", key)
                if any(_has(one, slot) for one in node.execute_command("CLUSTER", "SLOTS")):
                    return _port_of(node, slot)
        raise AssertionError("no node of the cluster answers")


def _has(row: Any, slot: int) -> bool:
    return bool(row[0] <= slot <= row[1])


def _port_of(node: Any, slot: int) -> int:
    rows = node.execute_command("CLUSTER", "SLOTS")
    return int(next(row[2][1] for row in rows if _has(row, slot)))


@contextmanager
def talk_to(port: int) -> Iterator[Any]:
    """A client of one node, without the outside world's patience."""
    client = Redis(port=port, socket_timeout=2, socket_connect_timeout=2)
    try:
        yield client
    finally:
        client.close()


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds. Fails when that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def node(folder: Path, port: int, *options: str) -> Server:
    """One Valkey on a port, which keeps nothing on disk unless options say so."""
    home = folder / str(port)
    home.mkdir(parents=True, exist_ok=True)
    places = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(home))
    return Server(
        f"Valkey on port {port}",
        [str(valkey_program()), *places, *NOTHING_ON_DISK, *options],
        log=home / "log",
        answers=lambda: _answers(port),
        stop_signal=signal.SIGTERM,
    )


def _answers(port: int) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        return bool(client.ping())
    return False


@contextmanager
def running_cluster(
    folder: Path, ports: Sequence[int], *, replicas: int = 0, timeout_ms: int = 60_000
) -> Iterator[Shape]:
    """A cluster on these ports: masters first, then `replicas` of them, one each.

    A master that does not answer for `timeout_ms` is replaced by its replica, if it has one.
    """
    options = (
        *("--cluster-enabled", "yes", "--cluster-node-timeout", str(timeout_ms)),
        *("--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0"),
    )
    nodes = {port: node(folder, port, *options) for port in ports}
    masters = len(ports) - replicas
    url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)
    with ExitStack() as stack:
        for server in nodes.values():
            stack.callback(server.kill)
            server.start()
        _join(ports, masters)
        group = Group(list(nodes.values()), ready=lambda: _is_whole(ports))
        group.start()
        yield Shape(url, nodes, group)


def _join(ports: Sequence[int], masters: int) -> None:
    for port in ports[1:]:
        with talk_to(port) as client:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
    for place, port in enumerate(ports[:masters]):
        first, last = place * SLOTS // masters, (place + 1) * SLOTS // masters - 1
        with talk_to(port) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
    wait_until(lambda: all(_knows(port, len(ports)) for port in ports))
    for port, of in zip(ports[masters:], ports, strict=False):
        with talk_to(of) as client:
            name = client.execute_command("CLUSTER", "MYID")
        wait_until(lambda port=port, name=name: _follows(port, name))  # type: ignore[misc]


def _knows(port: int, others: int) -> bool:
    with talk_to(port) as client:
        return bool(int(client.cluster("info")["cluster_known_nodes"]) == others)


def _follows(port: int, name: bytes) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        client.execute_command("CLUSTER", "REPLICATE", name)
        return True
    return False


def _is_whole(ports: Sequence[int]) -> bool:
    return all(map(_is_content, ports))


def _is_content(port: int) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        info = client.cluster("info")
        state = client.info("replication")
        linked = state["role"] == "master" or state["master_link_status"] == "up"
        return bool(info["cluster_state"] == "ok" and linked)
    return False


@contextmanager
def running_sentinel(folder: Path, ports: Sequence[int]) -> Iterator[Shape]:
    """A master, its replica, and a Sentinel that watches them, on three ports in this order."""
    master, replica, watcher = ports
    quick = ("--repl-diskless-sync-delay", "0")
    follow = ("--replicaof", f"127.0.0.1 {master}")
    nodes = {
        master: node(folder, master, *quick),
        replica: node(folder, replica, *quick, *follow),
        watcher: _watcher(folder, watcher, master),
    }
    with ExitStack() as stack:
        for server in nodes.values():
            stack.callback(server.kill)
            server.start()
        wait_until(lambda: _watches(watcher))
        url = f"redis+sentinel://127.0.0.1:{watcher}/timelines"
        yield Shape(url, nodes, Group(list(nodes.values())))


def _watcher(folder: Path, port: int, master: int) -> Server:
    settings = folder / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor timelines 127.0.0.1 {master} 1\n"
        "sentinel down-after-milliseconds timelines 500\n"
        "sentinel failover-timeout timelines 3000\n"
    )
    return Server(
        "Sentinel",
        [str(valkey_program()), str(settings), "--sentinel"],
        log=folder / "sentinel.log",
        answers=lambda: _answers(port),
        stop_signal=signal.SIGTERM,
    )


def _watches(port: int) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        state = client.execute_command("SENTINEL", "REPLICAS", "timelines")
        return len(state) == 1 and state[0][b"master-link-status"] == b"ok"
    return False
