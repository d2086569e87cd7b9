"""Faults of real servers, for tests: taken away for a moment, and brought back whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from chirp.redis.client import guarded
from runner.embedded import Server, Servers
from tests import plugin


def embedded_servers() -> Servers:
    """The servers of this run, which only are ours to break when we started them."""
    servers = plugin.servers()
    if servers is None:
        pytest.skip("needs the embedded servers")
    return servers


@contextmanager
def without(server: Server, *, kill: bool = False) -> Iterator[None]:
    """Stop (or kill) a server for as long as the block runs."""
    server.kill() if kill else server.stop()
    try:
        yield
    finally:
        server.start()
        connections.close_all()
        guarded.reset()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """A server that keeps its connections and answers nothing, for as long as the block runs."""
    server.pause()
    try:
        yield
    finally:
        server.resume()
        guarded.reset()
