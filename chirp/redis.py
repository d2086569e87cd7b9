"""The way to Redis or Valkey, made so that nothing ever waits for it long.

Short timeouts, no retries, and a breaker: after a failure the next second of calls in this process
fail at once, so that a Redis that hangs costs one timeout, not one a request.

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
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import RedisClusterException, RedisError, ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel

from chirp.metrics import breaker_openings
from chirp.redis_urls import Address, parse

BREAK_SECONDS = 1.0
RUN_ID = re.compile(rb"^run_id:([0-9a-f]{8})", re.MULTILINE)
Command = Sequence[str | int | float | bytes]


class RedisAway(Exception):
    """Redis did not answer, or was found dead moments ago. Do without it."""


class Node:
    """One server: the only one, or one master of a cluster."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._pool = client.connection_pool

    def run(self, commands: Callable[[str], Sequence[Command]]) -> list[Any]:
        """Send commands in one round trip and return their raw answers (not transactional).

        `commands` makes them, given the incarnation of the server that will get them: eight
        characters. Raises the first error that any command is answered with.
        """
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


class Servers(Protocol):
    """One server or many."""

    @property
    def client(self) -> "Redis | RedisCluster":
        """For commands that find their node themselves."""

    def node_of(self, key: str) -> Node:
        """The node that has a key."""

    def nodes(self) -> list[Node]:
        """Every node that has keys."""

    def doubt(self) -> None:
        """Something failed: what is known of who has which keys may be old."""


class OneServer:
    """A single server, at a fixed address or wherever Sentinels say that the master is."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._node = Node(client)

    def node_of(self, key: str) -> Node:
        """The only one."""
        return self._node

    def nodes(self) -> list[Node]:
        """The only one."""
        return [self._node]

    def doubt(self) -> None:
        """Connect anew: a master that was demoted answers, but not to writes."""
        self.client.connection_pool.disconnect()


class Cluster:
    """Redis Cluster: keys are spread over masters, which change when one fails."""

    def __init__(self, client: RedisCluster) -> None:
        self.client = client
        self._nodes: dict[str, Node] = {}
        self._doubted = False

    def node_of(self, key: str) -> Node:
        """The master that has the key's slot, as far as we know."""
        self._look_again()
        slot = cast(Any, self.client).keyslot(key)
        return self._node(self.client.nodes_manager.get_node_from_slot(slot))

    def nodes(self) -> list[Node]:
        """Every master."""
        self._look_again()
        return [self._node(one) for one in cast(Any, self.client).get_primaries()]

    def doubt(self) -> None:
        """Ask the cluster about its masters before the next command."""
        self._doubted = True

    def _look_again(self) -> None:
        if self._doubted:
            self.client.nodes_manager.initialize()
            self._nodes.clear()
            self._doubted = False

    def _node(self, found: ClusterNode) -> Node:
        if found.name not in self._nodes:
            self._nodes[found.name] = Node(self.client.get_redis_connection(found))
        return self._nodes[found.name]


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


class Breaker:
    """Remembers for a moment that Redis is away."""

    def __init__(self) -> None:
        self.open_until = 0.0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Run Redis commands; any failure of the server or the way to it becomes RedisAway."""
        if time.monotonic() < self.open_until:
            raise RedisAway("Redis failed moments ago.")
        try:
            yield
        except ResponseError as error:
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
            _servers().doubt()

    def reset(self) -> None:
        """Forget the failure."""
        self.open_until = 0.0


guarded = Breaker()
