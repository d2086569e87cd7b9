"""The connections to Redis or Valkey, which never make a caller wait for long.

Timeouts are short, nothing is retried, and there are circuit breakers: for a second after a failure
all calls in this process fail at once, so that a Redis that hangs costs one timeout instead of one
per request. Each master of a cluster has its own breaker, so that the others stay in use.

`REDIS_URL` names one server (redis://, rediss://, unix://), one behind Sentinels
(redis+sentinel://) or a cluster (redis+cluster://). Code that stores data here gets the node that
has a key from `node_of(key)`, and sends it commands in one round trip.

Each node has an *incarnation*, which changes whenever its data may be older than what was written:
after a restart (from a snapshot, or empty) and after a failover to a replica, which lags behind.
Data stored together with the incarnation in which it was written is stale in any other one.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    """Redis did not answer, or failed within the last second. Callers continue without it."""


class Breaker:
    """A circuit breaker: for a second after a failure, calls raise RedisAway without being tried.

    The breaker `guarded` wraps all use of Redis. Within it, each node has its own breaker.
    """

    def __init__(self, node: str = "") -> None:
        self.open_until = 0.0
        self._node = node
        self._of_nodes: dict[str, Breaker] = {}

    def of(self, node: str) -> "Breaker":
        """Return the breaker of one node of a cluster, by its name. It outlives the Node object."""
        return self._of_nodes.setdefault(node, Breaker(node))

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Run Redis commands in a block. Raises RedisAway if the server or the connection fails."""
        if time.monotonic() < self.open_until:
            raise RedisAway(f"{self._node or 'Redis'} failed moments ago.")
        try:
            yield
        except REFUSALS as error:
            # The server answers, but refuses (out of memory, demoted): no reason to stop calling.
            self._report_failure()
            raise RedisAway(str(error)) from error
        except (RedisError, RedisClusterException, OSError) as error:
            self.open_until = time.monotonic() + BREAK_SECONDS
            breaker_openings.inc()
            self._report_failure()
            raise RedisAway(str(error)) from error

    def _report_failure(self) -> None:
        # If even the first connection to a cluster failed, there is no known layout to refresh.
        if _servers.cache_info().currsize:
            _servers().report_failure(self._node)

    def reset(self) -> None:
        """Forget the failures of the server and of its nodes."""
        self.open_until = 0.0
        for breaker in list(self._of_nodes.values()):
            breaker.reset()


guarded = Breaker()


class Node:
    """One server: the only one, or one master of a cluster."""

    def __init__(self, client: Redis, breaker: Breaker) -> None:
        self.client = client
        self._pool = client.connection_pool
        self._breaker = breaker

    def run(self, commands: Callable[[str], Sequence[Command]]) -> list[Any]:
        """Send commands in one round trip and return their raw replies (not transactional).

        `commands` returns them, given the incarnation of the server that receives them: eight
        characters. Raises RedisAway for the first error reply to any command.
        """
        with self._breaker():
            return self._exchange(lambda c: _ask(c, commands(c.incarnation)))

    def run_each(self, commands: Callable[[str], Iterable[Command]]) -> list[Any]:
        """As `run`, but send each command after the reply to the one before, on one connection.

        So the server answers others in between, and a connection is taken from the pool only once.
        """

        def ask_each(connection: Any) -> list[Any]:
            one_by_one = commands(connection.incarnation)
            return [reply for command in one_by_one for reply in _ask(connection, [command])]

        with self._breaker():
            return self._exchange(ask_each)

    def _exchange(self, ask: Callable[[Any], list[Any]]) -> list[Any]:
        connection: Any = self._pool.get_connection()
        try:
            return ask(connection)
        except BaseException:
            connection.disconnect()  # unread replies would be taken for those of later commands
            raise
        finally:
            self._pool.release(connection)


def _ask(connection: Any, batch: Sequence[Command]) -> list[Any]:
    """Send commands on a connection, and return the replies."""
    connection.send_packed_command(connection.pack_commands(batch))
    return [connection.read_response() for _ in batch]


def _read_incarnation(connection: Any) -> None:
    """Set the incarnation of a new connection: which run of which server it leads to."""
    connection.send_command("INFO", "server")
    found = RUN_ID.search(connection.read_response())
    connection.incarnation = found[1].decode() if found else "unknown"


def _on_connect(connection: Any) -> None:
    connection.on_connect()
    _read_incarnation(connection)


@contextmanager
def collect_failures() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Continue with the other nodes of a cluster when one is unavailable.

    Yields a function that returns a context manager, in which to do the work for one node. At the
    end the first RedisAway is raised. With a single server it is raised at once.
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
    """The servers that REDIS_URL names: one or many."""

    @property
    def client(self) -> "Redis | RedisCluster":
        """A client for commands that find their node themselves."""

    def node_of(self, key: str) -> Node:
        """The node that has a key."""

    def nodes(self) -> list[Node]:
        """Every node that has keys."""

    def report_failure(self, node: str) -> None:
        """Handle a failure of `node`, or of an unknown node (""): its keys may have moved."""


class OneServer:
    """A single server, at a fixed address or at the master's address according to Sentinels."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._node = Node(client, guarded)

    def node_of(self, key: str) -> Node:
        """The only node."""
        return self._node

    def nodes(self) -> list[Node]:
        """The only node."""
        return [self._node]

    def report_failure(self, node: str) -> None:
        """Disconnect, to find the new master: one that was demoted answers, but not to writes."""
        self.client.connection_pool.disconnect()


class Cluster:
    """A Redis Cluster: keys are spread over masters, which change when one fails."""

    def __init__(self, client: RedisCluster) -> None:
        self.client = client
        self._nodes: dict[str, Node] = {}
        # The node that failed since the last refresh ("" if it is unknown), or None.
        self._failed: str | None = None
        self._next_refresh = 0.0

    def node_of(self, key: str) -> Node:
        """The master that has the key's slot, according to the last known layout of the cluster."""
        self._refresh()
        slot = cast(Any, self.client).keyslot(key)
        return self._node(self.client.nodes_manager.get_node_from_slot(slot))

    def nodes(self) -> list[Node]:
        """Every master."""
        self._refresh()
        return [self._node(found) for found in cast(Any, self.client).get_primaries()]

    def report_failure(self, node: str) -> None:
        """Read the cluster's layout again before the next command, at most once a second."""
        self._failed = node

    def _refresh(self) -> None:
        failed = self._failed
        if failed is None or time.monotonic() < self._next_refresh:
            return
        self._failed = None
        try:
            # redis-py tries the nodes in random order, and the one that just failed last.
            self.client.nodes_manager.initialize(last_failed_node_name=failed or None)
        except BaseException:
            self._failed = failed
            raise
        self._nodes = {}
        self._next_refresh = time.monotonic() + BREAK_SECONDS

    def _node(self, found: ClusterNode) -> Node:
        node = self._nodes.get(found.name)
        if node is None:
            node = Node(self.client.get_redis_connection(found), guarded.of(found.name))
            self._nodes[found.name] = node
        return node


@cache
def _servers() -> Servers:
    """The connections of this process."""
    address = parse(settings.REDIS_URL)
    timeout = settings.REDIS_TIMEOUT_MS / 1000
    options = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": 0,
        "protocol": 2,  # the older protocol, which is cheaper to parse
    }
    if address.kind == "cluster":
        return Cluster(_cluster(address, options))
    return OneServer(_single(address, options | {"retry": Retry(NoBackoff(), 0)}))


def _single(address: Address, options: dict[str, Any]) -> Redis:
    options = options | {"redis_connect_func": _on_connect}
    if address.kind == "sentinel":
        sentinel_options = {name: options[name] for name in ("socket_timeout", "retry")}
        sentinel = cast(Any, Sentinel)(address.hosts, sentinel_kwargs=sentinel_options)
        login = address.login | {"ssl": address.tls} if address.tls else address.login
        return cast(Redis, sentinel.master_for(address.service, db=address.db, **login, **options))
    return Redis.from_url(settings.REDIS_URL, **options)


def _cluster(address: Address, options: dict[str, Any]) -> RedisCluster:
    return RedisCluster(
        startup_nodes=[cast(Any, ClusterNode)(host, port) for host, port in address.hosts],
        retry=Retry(NoBackoff(), 0),
        require_full_coverage=False,  # the other masters stay usable when one is down
        redis_connect_func=_read_incarnation,  # in addition to what a cluster's client does
        ssl=address.tls,
        **address.login,
        **options,
    )


def client() -> Redis | RedisCluster:
    """A client for commands on single keys, and for commands to all servers (PING, FLUSHALL)."""
    return _servers().client


def node_of(key: str) -> Node:
    """The node that has `key`. Call it within `guarded()`, like everything that uses Redis."""
    return _servers().node_of(key)


def nodes() -> list[Node]:
    """Every node that has keys."""
    return _servers().nodes()


def is_cluster() -> bool:
    """Whether keys are spread over several nodes. A script may then use keys of one slot only."""
    return isinstance(_servers(), Cluster)
