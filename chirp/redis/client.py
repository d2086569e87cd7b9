"""The way to Redis or Valkey, made so that nothing ever waits for it long.

Short timeouts, no retries, and breakers: after a failure the next second of calls in this process
fail at once, so that a Redis that hangs costs one timeout, not one a request. Each master of a
cluster has a breaker of its own: what is on the others is read from them.

`REDIS_URL` names one server (redis://, rediss://, unix://), one behind Sentinels
(redis+sentinel://) or a cluster (redis+cluster://). Whoever keeps copies here asks `node_of(key)`
for the node that has a key, and sends it commands in one round trip.

Each node tells its *incarnation*, which changes whenever its data may be older than what we wrote:
after a restart (from a snapshot, or empty) and after a failover to a replica, which lags behind.
Copies that carry the incarnation in which they were made can be told from stale ones.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import (
    RedisClusterException,
    RedisError,
    ResponseError,
    SlotNotCoveredError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel

from chirp.observability.metrics import breaker_openings
from chirp.redis.urls import Address, parse

BREAK_SECONDS = 1.0
RUN_ID = re.compile(rb"^run_id:([0-9a-f]{8})", re.MULTILINE)
REFUSALS = (ResponseError, SlotNotCoveredError)
Command = Sequence[str | int | float | bytes]


class RedisAway(Exception):
    """Redis did not answer, or was found dead moments ago. Do without it."""


class Breaker:
    """Remembers for a moment that a server is away, or that all are.

    As `guarded` it stands around whatever asks Redis; each node has one of its own within.
    """

    def __init__(self, node: str = "") -> None:
        self.open_until = 0.0
        self._node = node
        self._of_nodes: dict[str, Breaker] = {}

    def of(self, node: str) -> "Breaker":
        """That of one node of several, by its name; it survives what we know of the node."""
        return self._of_nodes.setdefault(node, Breaker(node))

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Run Redis commands; any failure of the server or the way to it becomes RedisAway."""
        if time.monotonic() < self.open_until:
            raise RedisAway(f"{self._node or 'Redis'} failed moments ago.")
        try:
            yield
        except REFUSALS as error:
            # It answers, and refuses (its memory is full, it was demoted): no reason to wait.
            self._doubt()
            raise RedisAway(str(error)) from error
        except (RedisError, RedisClusterException, OSError) as error:
            self.open_until = time.monotonic() + BREAK_SECONDS
            breaker_openings.inc()
            self._doubt()
            raise RedisAway(str(error)) from error

    def _doubt(self) -> None:
        # Not where even the first connection to a cluster failed: then there is nothing to doubt.
        if _servers.cache_info().currsize:
            _servers().doubt(self._node)

    def reset(self) -> None:
        """Forget the failure, and those of nodes."""
        self.open_until = 0.0
        for one in list(self._of_nodes.values()):
            one.reset()


guarded = Breaker()


class Node:
    """One server: the only one, or one master of a cluster."""

    def __init__(self, client: Redis, breaker: Breaker) -> None:
        self.client = client
        self._pool = client.connection_pool
        self._breaker = breaker

    def run(self, commands: Callable[[str], Sequence[Command]]) -> list[Any]:
        """Send commands in one round trip and return their raw answers (not transactional).

        `commands` makes them, given the incarnation of the server that will get them: eight
        characters. Raises the first error that any command is answered with, as RedisAway.
        """
        with self._breaker():
            return self._run(commands)

    def _run(self, commands: Callable[[str], Sequence[Command]]) -> list[Any]:
        connection: Any = self._pool.get_connection()
        try:
            ours = commands(connection.incarnation)
            connection.send_packed_command(connection.pack_commands(ours))
            return [connection.read_response() for _ in ours]
        except BaseException:
            connection.disconnect()  # answers that nobody read would be taken for the next ones
            raise
        finally:
            self._pool.release(connection)


def _ask_incarnation(connection: Any) -> None:
    """Runs on every new connection: to which start of which server does it lead?"""
    connection.send_command("INFO", "server")
    found = RUN_ID.search(connection.read_response())
    connection.incarnation = found[1].decode() if found else "unknown"


def _on_connect(connection: Any) -> None:
    connection.on_connect()
    _ask_incarnation(connection)


@contextmanager
def collect_failures() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Go on with other nodes when one is away: each part goes within what this gives, called.

    At the end the first RedisAway is raised. With one server nothing is tried after it.
    """
    failures: list[RedisAway] = []

    @contextmanager
    def part() -> Iterator[None]:
        try:
            yield
        except RedisAway as error:
            if not is_cluster():
                raise
            failures.append(error)

    yield part
    if failures:
        raise failures[0]


class Servers(Protocol):
    """One server or many."""

    @property
    def client(self) -> "Redis | RedisCluster":
        """For commands that find their node themselves."""

    def node_of(self, key: str) -> Node:
        """The node that has a key."""

    def nodes(self) -> list[Node]:
        """Every node that has keys."""

    def doubt(self, node: str) -> None:
        """Something failed, `node` if it has a name: what we know of who has which keys is old."""


class OneServer:
    """A single server, at a fixed address or wherever Sentinels say that the master is."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._node = Node(client, guarded)

    def node_of(self, key: str) -> Node:
        """The only one."""
        return self._node

    def nodes(self) -> list[Node]:
        """The only one."""
        return [self._node]

    def doubt(self, node: str) -> None:
        """Connect anew: a master that was demoted answers, but not to writes."""
        self.client.connection_pool.disconnect()


class Cluster:
    """Redis Cluster: keys are spread over masters, which change when one fails."""

    def __init__(self, client: RedisCluster) -> None:
        self.client = client
        self._nodes: dict[str, Node] = {}
        self._doubted: str | None = None  # the node that failed, "" when it is not known
        self._look_from = 0.0

    def node_of(self, key: str) -> Node:
        """The master that has the key's slot, as far as we know."""
        self._look_again()
        slot = cast(Any, self.client).keyslot(key)
        return self._node(self.client.nodes_manager.get_node_from_slot(slot))

    def nodes(self) -> list[Node]:
        """Every master."""
        self._look_again()
        return [self._node(one) for one in cast(Any, self.client).get_primaries()]

    def doubt(self, node: str) -> None:
        """Ask the cluster about its masters before the next command, once a second at most."""
        self._doubted = node

    def _look_again(self) -> None:
        failed = self._doubted
        if failed is None or time.monotonic() < self._look_from:
            return
        self._doubted = None
        try:
            # Whom it asks it chooses by lot, and the one that just failed comes last.
            self.client.nodes_manager.initialize(last_failed_node_name=failed or None)
        except BaseException:
            self._doubted = failed
            raise
        self._nodes = {}
        self._look_from = time.monotonic() + BREAK_SECONDS

    def _node(self, found: ClusterNode) -> Node:
        node = self._nodes.get(found.name)
        if node is None:
            node = Node(self.client.get_redis_connection(found), guarded.of(found.name))
            self._nodes[found.name] = node
        return node


@cache
def _servers() -> Servers:
    """This process's connections."""
    address = parse(settings.REDIS_URL)
    timeout = settings.REDIS_TIMEOUT_MS / 1000
    options = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": 0,
        "protocol": 2,  # the older protocol is the one that is cheaper to read
    }
    if address.kind == "cluster":
        return Cluster(_cluster(address, options))
    return OneServer(_single(address, options | {"retry": Retry(NoBackoff(), 0)}))


def _single(address: Address, options: dict[str, Any]) -> Redis:
    options = options | {"redis_connect_func": _on_connect}
    if address.kind == "sentinel":
        sentinel_options = {name: options[name] for name in ("socket_timeout", "retry")}
        watchers = cast(Any, Sentinel)(address.hosts, sentinel_kwargs=sentinel_options)
        login = address.login | {"ssl": address.tls} if address.tls else address.login
        return cast(Redis, watchers.master_for(address.service, db=address.db, **login, **options))
    return Redis.from_url(settings.REDIS_URL, **options)


def _cluster(address: Address, options: dict[str, Any]) -> RedisCluster:
    return RedisCluster(
        startup_nodes=[cast(Any, ClusterNode)(host, port) for host, port in address.hosts],
        retry=Retry(NoBackoff(), 0),
        require_full_coverage=False,  # a part that is down is no reason to do without the others
        redis_connect_func=_ask_incarnation,  # which comes on top of what a cluster's client does
        ssl=address.tls,
        **address.login,
        **options,
    )


def client() -> Redis | RedisCluster:
    """A client for commands on single keys, and for all there are (PING, FLUSHALL)."""
    return _servers().client


def node_of(key: str) -> Node:
    """The node that has `key`. Call it within `guarded()`, like everything that asks Redis."""
    return _servers().node_of(key)


def nodes() -> list[Node]:
    """Every node that has keys."""
    return _servers().nodes()


def is_cluster() -> bool:
    """Whether keys are spread over several nodes, so that a script may only touch one slot."""
    return isinstance(_servers(), Cluster)
