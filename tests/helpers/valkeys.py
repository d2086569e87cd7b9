"""Valkey deployments for tests: a cluster, and a master that Sentinels monitor.

The servers are real processes of the embedded Valkey. They listen on TCP ports of the loopback
interface, which these deployments need, and keep their files below a given folder.
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
TIMEOUT = 30.0  # seconds
AWAY = (RedisError, OSError)  # a node that does not answer, or is not ready yet
NO_PERSISTENCE = ("--save", "", "--appendonly", "no")


class Group:
    """Servers that tests stop and start as if they were one server."""

    def __init__(self, servers: Sequence[Any], ready: Callable[[], bool] = lambda: True) -> None:
        self.servers = servers
        self._ready = ready

    def start(self) -> None:
        """Start all servers, and wait until the group is ready."""
        for server in self.servers:
            server.start()
        wait_until(self._ready)

    def stop(self) -> None:
        """Stop all servers."""
        for server in self.servers:
            server.stop()

    def kill(self) -> None:
        """Kill all servers."""
        for server in self.servers:
            server.kill()

    def pause(self) -> None:
        """Freeze all servers."""
        for server in self.servers:
            server.pause()

    def resume(self) -> None:
        """Resume all servers."""
        for server in self.servers:
            server.resume()


@dataclass(frozen=True, slots=True)
class Shape:
    """A deployment that clients reach at `url`. `nodes` are its servers by port."""

    url: str
    nodes: dict[int, Server]
    group: Group

    def master_of(self, key: str) -> int:
        """The port of the master that stores `key` in a cluster."""
        for port in self.nodes:
            with talk_to(port) as node, suppress(*AWAY):
                slot = node.execute_command("CLUSTER", "KEYSLOT", key)
                if any(_has(row, slot) for row in node.execute_command("CLUSTER", "SLOTS")):
                    return _port_of(node, slot)
        raise AssertionError("no node of the cluster answers")


def _has(row: Any, slot: int) -> bool:
    return bool(row[0] <= slot <= row[1])


def _port_of(node: Any, slot: int) -> int:
    rows = node.execute_command("CLUSTER", "SLOTS")
    return int(next(row[2][1] for row in rows if _has(row, slot)))


@contextmanager
def talk_to(port: int) -> Iterator[Any]:
    """A client of one node, with short timeouts."""
    client = Redis(port=port, socket_timeout=2, socket_connect_timeout=2)
    try:
        yield client
    finally:
        client.close()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds. Fails after TIMEOUT."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.02)


def node(folder: Path, port: int, *options: str) -> Server:
    """A Valkey server on a port. It has no persistence unless `options` enable it."""
    home = folder / str(port)
    home.mkdir(parents=True, exist_ok=True)
    location = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(home))
    return Server(
        f"Valkey on port {port}",
        [str(valkey_program()), *location, *NO_PERSISTENCE, *options],
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
    """A cluster on these ports. The last `replicas` ports are replicas of the first masters.

    A master that does not answer for `timeout_ms` milliseconds is replaced by its replica, if any.
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
        group = Group(list(nodes.values()), ready=lambda: _is_ready(ports))
        group.start()
        yield Shape(url, nodes, group)


def _join(ports: Sequence[int], masters: int) -> None:
    for port in ports[1:]:
        with talk_to(port) as client:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
    for index, port in enumerate(ports[:masters]):
        first, last = index * SLOTS // masters, (index + 1) * SLOTS // masters - 1
        with talk_to(port) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
    wait_until(lambda: all(_knows(port, len(ports)) for port in ports))
    for port, master in zip(ports[masters:], ports, strict=False):
        with talk_to(master) as client:
            name = client.execute_command("CLUSTER", "MYID")
        wait_until(lambda port=port, name=name: _replicates(port, name))  # type: ignore[misc]


def _knows(port: int, count: int) -> bool:
    with talk_to(port) as client:
        return bool(int(client.cluster("info")["cluster_known_nodes"]) == count)


def _replicates(port: int, name: bytes) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        client.execute_command("CLUSTER", "REPLICATE", name)
        return True
    return False


def _is_ready(ports: Sequence[int]) -> bool:
    return all(map(_node_is_ready, ports))


def _node_is_ready(port: int) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        info = client.cluster("info")
        state = client.info("replication")
        linked = state["role"] == "master" or state["master_link_status"] == "up"
        return bool(info["cluster_state"] == "ok" and linked)
    return False


@contextmanager
def running_sentinel(folder: Path, ports: Sequence[int]) -> Iterator[Shape]:
    """A master, its replica, and a Sentinel that monitors them, on three ports in this order."""
    master, replica, sentinel = ports
    fast_sync = ("--repl-diskless-sync-delay", "0")
    follow = ("--replicaof", f"127.0.0.1 {master}")
    nodes = {
        master: node(folder, master, *fast_sync),
        replica: node(folder, replica, *fast_sync, *follow),
        sentinel: _sentinel(folder, sentinel, master),
    }
    with ExitStack() as stack:
        for server in nodes.values():
            stack.callback(server.kill)
            server.start()
        wait_until(lambda: _is_monitoring(sentinel))
        url = f"redis+sentinel://127.0.0.1:{sentinel}/timelines"
        yield Shape(url, nodes, Group(list(nodes.values())))


def _sentinel(folder: Path, port: int, master: int) -> Server:
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


def _is_monitoring(port: int) -> bool:
    with talk_to(port) as client, suppress(*AWAY):
        state = client.execute_command("SENTINEL", "REPLICAS", "timelines")
        return len(state) == 1 and state[0][b"master-link-status"] == b"ok"
    return False
