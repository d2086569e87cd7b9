"""A pytest plugin: real embedded servers for the whole run, in a directory of their own.

Loaded early (`-p tests.plugin`), because settings are read before any conftest is.
`CHIRP_TEST_REDIS=cluster` runs the tests with timelines on a cluster of three masters. With
`-n 2` (pytest-xdist) each of the two processes has servers of its own.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from runner.embedded import Servers, running
from tests.helpers.ports import free_ports
from tests.helpers.valkeys import Group, running_cluster

VAR = Path(tempfile.mkdtemp(prefix="chirp-test-"))
os.environ["VAR_DIR"] = str(VAR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
for name in ("RATE_LIMIT_WRITES", "RATE_LIMIT_REGISTER", "RATE_LIMIT_SIGN_IN"):
    os.environ.setdefault(name, "off")
ON_A_CLUSTER = os.environ.get("CHIRP_TEST_REDIS") == "cluster"
PORTS = free_ports(3) if ON_A_CLUSTER else []
if ON_A_CLUSTER:
    os.environ["REDIS_URL"] = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in PORTS)

_running = ExitStack()
servers: Servers | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start Postgres and Valkey, unless the environment names servers to use."""
    global servers
    if "DATABASE_URL" in os.environ or session.config.option.collectonly:
        return
    if session.config.getoption("numprocesses", None):
        return  # we only hand the tests out
    servers = _running.enter_context(running(VAR, fast=True))
    if ON_A_CLUSTER:
        cluster = _running.enter_context(running_cluster(VAR / "cluster", PORTS))
        # What breaks Valkey breaks both: the timelines' cluster, and the broker.
        both = Group([servers.valkey, cluster.group])
        servers = replace(servers, valkey=cast(Any, both))


def pytest_unconfigure() -> None:
    """Stop them and leave nothing behind."""
    _running.close()
    shutil.rmtree(VAR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Every test that touches the database starts with an empty Redis that is known to be there."""
    marked = request.node.get_closest_marker("django_db")
    if marked or {"db", "transactional_db", "redis"} & set(request.fixturenames):
        from chirp.redis.client import client, guarded

        guarded.reset()
        client().flushall()


@pytest.fixture
def redis() -> None:
    """For tests that need Redis but no database."""
