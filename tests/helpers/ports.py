"""Ports for servers that tests and tools start.

The ports are below 32768: higher ports are also used for outgoing connections, so that a port that
was free a moment ago may be taken. Each process begins elsewhere, so that several runs on one
machine, and the processes of pytest-xdist, do not take each other's ports.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

LOWEST, HIGHEST = 10_240, 32_767
BUS = 10_000  # a node of Redis Cluster also listens on its port plus this
COUNT = HIGHEST - BUS - LOWEST + 1
# A prime that does not divide COUNT. Processes that start one after another are that far apart,
# which is more than a run of all tests needs at once.
APART = 211


def ports_of(pid: int) -> Iterator[int]:
    """All ports, in the order in which this process tries them, again and again."""
    at = pid * APART
    while True:
        yield LOWEST + at % COUNT
        at += 1


# Not always the lowest free port: the previous caller may not listen on it yet.
_next = ports_of(os.getpid())


def free_port() -> int:
    """A port that no server listens on. Raises OSError if there is none."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports that no server listens on, and whose cluster bus ports are free too. Raises OSError."""
    found: list[int] = []
    for _ in range(COUNT):
        if len(found) == count:
            return found
        port = next(_next)
        if _is_free(port) and _is_free(port + BUS):
            found.append(port)
    raise OSError(f"There are no {count} free ports.")


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
