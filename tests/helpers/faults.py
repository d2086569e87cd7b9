"""Faults of real servers for tests: stopped or frozen for a block, and always restored."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from chirp.redis.client import guarded
from runner.embedded import Server, Servers
from tests import plugin


def embedded_servers() -> Servers:
    """The servers that this test run started. Skips the test if it uses other servers."""
    servers = plugin.servers()
    if servers is None:
        pytest.skip("needs the embedded servers")
    return servers


@contextmanager
def without(server: Server, *, kill: bool = False) -> Iterator[None]:
    """Stop (or kill) a server for the duration of the block."""
    server.kill() if kill else server.stop()
    try:
        yield
    finally:
        server.start()
        connections.close_all()
        guarded.reset()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Freeze a server for the duration of the block: it keeps connections and does not answer."""
    server.pause()
    try:
        yield
    finally:
        server.resume()
        guarded.reset()
