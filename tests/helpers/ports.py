"""Ports for servers that tests and tools start.

They lie below 32768: the ports from there on are also given to outgoing connections, so that one
that was free a moment ago may be taken. Each of pytest-xdist's processes has a range of its own.
"""

import os
import socket
from contextlib import suppress
from itertools import cycle

SIZE = 1_000
FIRST = 21_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10 * SIZE
BUS = 10_000  # what a node of Redis Cluster adds to its port
# Not the lowest free one each time: who asked for it may not listen yet.
_next = cycle(range(FIRST, FIRST + SIZE))


def free_port() -> int:
    """A port that no server listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports that no server listens on, nor on those that a cluster's nodes would add to them."""
    found: list[int] = []
    for _ in range(SIZE):
        if len(found) == count:
            return found
        port = next(_next)
        if _is_free(port) and _is_free(port + BUS):
            found.append(port)
    raise OSError(f"There are no {count} free ports from {FIRST} on.")


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
