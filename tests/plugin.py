"""A pytest plugin: real embedded servers for the tests that need them, in a directory of their own.

Loaded early (`-p tests.plugin`), because settings are read before any conftest is.

A test declares that it uses Postgres or Valkey by the mark `django_db`, by a fixture that leads to
the database, or by the fixture `redis`. The servers start when the first such test does, so that a
run without one starts none. Any other test that connects to them fails, and its child processes do
not find them, whether the servers happen to run or not.

At the end everything that the run logged, in this process and in files, is searched for secrets
(tests/helpers/secret_logs.py). The run fails if there is one.

`--no-servers` runs only the tests that use neither of them, and skips those that start a process.
`CHIRP_TEST_REDIS=cluster` runs the tests with timelines on a cluster of three masters. With
`-n 2` (pytest-xdist) each of the two processes has servers of its own.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus
from redis.connection import AbstractConnection

from chirp import gc_tuning
from chirp.embedded_urls import valkey_socket
from runner.embedded import Servers, running
from tests.helpers.ports import free_ports
from tests.helpers.valkeys import Group, running_cluster

VAR = Path(tempfile.mkdtemp(prefix="chirp-test-"))
os.environ["VAR_DIR"] = str(VAR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
for name in ("WRITES", "READS", "REGISTER", "SIGN_IN", "REPORTS"):
    os.environ.setdefault(f"RATE_LIMIT_{name}", "off")
os.environ["LINK_PREVIEWS"] = "0"  # tests request nothing of other machines
OTHERS_ARE_NAMED = "DATABASE_URL" in os.environ
ON_A_CLUSTER = os.environ.get("CHIRP_TEST_REDIS") == "cluster"
PORTS = free_ports(3) if ON_A_CLUSTER else []
if ON_A_CLUSTER:
    os.environ["REDIS_URL"] = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in PORTS)

# What a test that uses the servers has among its fixtures, directly or through others.
FIXTURES = frozenset({"django_db_setup", "live_server", "redis"})
UNDECLARED = (
    "This test uses Postgres or Valkey and does not declare it. Mark it with django_db, or let it "
    "use the fixture `redis`."
)
# With several processes these files start first, the longest ones first, so that no process is
# left alone with one of them at the end.
LONGEST = (
    "tests/browser/test_flows.py",
    "tests/system/test_bench.py",
    "timelines/tests/test_model.py",
    "tests/system/test_schema.py",
    "runner/tests/test_run_whole.py",
    "tests/system/test_audit.py",
    "tests/system/test_attack.py",
    "tests/system/test_chaos.py",
    "tests/system/test_audiences.py",
    "outbox/tests/test_relay_command.py",
    "timelines/tests/test_rabbitmq.py",
    "timelines/tests/test_town.py",
    "tests/system/test_otlp.py",
    "demo/tests/test_populate_demo.py",
    "tests/browser/test_with_scripts.py",
    "outbox/tests/test_relays.py",
    "tests/system/test_races.py",
    "tests/browser/test_keyboard.py",
    "tests/system/test_mastodon_clients.py",
    "tests/system/test_streams.py",
    "timelines/tests/test_failover.py",
    "timelines/tests/test_faults.py",
    "timelines/tests/test_metrics.py",
    "operations/tests/test_status.py",
    "timelines/tests/test_queues.py",
)

_running = ExitStack()


class _Test:
    """What the test that runs now may do."""

    declared = False
    without_servers = False  # the whole run is, by --no-servers


def servers() -> Servers | None:
    """The servers of this run, started at the first call; None if the environment names others."""
    if _Test.without_servers:
        _refuse()
    _Test.declared = True
    os.environ["VAR_DIR"] = str(VAR)
    return _start()


@cache
def _start() -> Servers | None:
    if OTHERS_ARE_NAMED:
        return None
    started = _running.enter_context(running(VAR, fast=True))
    if not ON_A_CLUSTER:
        return started
    cluster = _running.enter_context(running_cluster(VAR / "cluster", PORTS))
    # What breaks Valkey breaks both: the timelines' cluster, and the broker.
    return replace(started, valkey=cast(Any, Group([started.valkey, cluster.group])))


def needs_servers(item: pytest.Item) -> bool:
    """Whether a test declares that it uses Postgres or Valkey."""
    fixtures = getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("django_db")) or not FIXTURES.isdisjoint(fixtures)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --no-servers."""
    words = "run only tests that use neither Postgres nor Valkey and start no process"
    parser.addoption("--no-servers", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Read --no-servers."""
    _Test.without_servers = config.getoption("--no-servers")


class _Secrets:
    """The search for secrets in what this run logs."""

    patch = pytest.MonkeyPatch()
    search: Any = None  # a LogSearch
    from_workers: ClassVar[list[str]] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to search what is logged. Imported here: the settings are read by now."""
    from django.conf import settings

    from tests.helpers.secret_logs import LogSearch, listen

    _Secrets.search = LogSearch()
    _Secrets.search.others["the SECRET_KEY"] = settings.SECRET_KEY.encode()
    listen(_Secrets.search, _Secrets.patch, lambda: os.environ.get("PYTEST_CURRENT_TEST", "A test"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search the logs, and fail the run if they hold a secret."""
    config = session.config
    folders: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    _Secrets.search.check_files(VAR, folders.getbasetemp())
    found = [*_Secrets.search.found, *_Secrets.from_workers]
    if hasattr(config, "workeroutput"):  # one of several processes: the first one reports
        config.workeroutput["secrets"] = found
    elif found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    _Secrets.search.found = found


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process found."""
    _Secrets.from_workers.extend(getattr(node, "workeroutput", {}).get("secrets", []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the secrets that were found."""
    if _Secrets.search.found:
        terminalreporter.section("secrets in logs", red=True, bold=True)
        for sentence in _Secrets.search.found:
            terminalreporter.line(sentence)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs servers if there are none, and start with what takes long."""
    if _Test.without_servers:
        config.hook.pytest_deselected(items=[item for item in items if needs_servers(item)])
        items[:] = [item for item in items if not needs_servers(item)]
    if hasattr(config, "workerinput"):  # one of several processes
        order = {file: place for place, file in enumerate(LONGEST)}
        items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


def pytest_collection_finish() -> None:
    """Exempt what was imported and collected from garbage collection, as other processes do.

    It is most of the objects of the run, and going through them takes a fifth of a test's time.
    """
    gc_tuning.settle()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep a test that does not declare its use of the servers away from them."""
    _Test.declared = needs_servers(item)
    with pytest.MonkeyPatch.context() as patch:
        if not _Test.declared:
            patch.setenv("VAR_DIR", str(VAR / "none"))
            patch.setattr(BaseDatabaseWrapper, "ensure_connection", _refuse)
            patch.setattr(AbstractConnection, "connect", _connect)
        if _Test.without_servers:
            patch.setattr(subprocess.Popen, "__init__", _start_no_process)
        try:
            return (yield)
        finally:
            _drop_busy_connections()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Let the database be emptied even if a timeout has interrupted the test in a query."""
    _drop_busy_connections()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Start the servers before the test database is made."""
    if fixturedef.argname == "django_db_setup":
        servers()


def pytest_unconfigure() -> None:
    """Stop the servers and leave nothing behind."""
    _Secrets.patch.undo()
    _running.close()
    shutil.rmtree(VAR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Every test that uses the servers starts with an empty Redis that is known to be there."""
    if needs_servers(request.node):
        from chirp.redis.client import client, guarded

        servers()
        guarded.reset()
        client().flushall()


@pytest.fixture
def redis() -> None:
    """For tests that need Redis but no database."""


def _drop_busy_connections() -> None:
    """Give up connections in the middle of a query, which would fail all later tests as well."""
    for alias in connections:
        database = getattr(connections[alias], "connection", None)
        if database and database.info.transaction_status == TransactionStatus.ACTIVE:
            database.close()
            del connections[alias]  # the next use makes another


CONNECT: Any = AbstractConnection.connect


def _connect(connection: AbstractConnection) -> None:
    """Instead of `connect`, which is called whenever a connection is taken from a pool."""
    if not _Test.declared and _is_ours(connection):
        _refuse()
    CONNECT(connection)


def _refuse(*_: Any) -> None:
    """Fail the test. No `except Exception` in the code under test can hide that."""
    pytest.fail(UNDECLARED)


def _is_ours(connection: AbstractConnection) -> bool:
    path, port = getattr(connection, "path", None), getattr(connection, "port", None)
    return port in PORTS or path == str(valkey_socket(VAR))


def _start_no_process(*_: Any, **__: Any) -> None:
    pytest.skip("starts a process")
