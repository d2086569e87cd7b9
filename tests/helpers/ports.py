"""Ports for servers that tests and tools start.

The ports are below 32768: higher ports are also used for outgoing connections, so that a port that
was free a moment ago may be taken. Each process of pytest-xdist has its own range.
"""

import os
import socket
from contextlib import suppress
from itertools import cycle

SIZE = 1_000
FIRST = 21_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10 * SIZE
BUS = 10_000  # a node of Redis Cluster also listens on its port plus this
# Not always the lowest free port: the previous caller may not listen on it yet.
_next = cycle(range(FIRST, FIRST + SIZE))


def free_port() -> int:
    """A port that no server listens on. Raises OSError if there is none."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports that no server listens on, and whose cluster bus ports are free too. Raises OSError."""
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
