"""A pytest plugin: real embedded servers for the whole run, in a directory of their own.

Loaded early (`-p chirp.testing`), because settings are read before any conftest is.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

VAR = Path(tempfile.mkdtemp(prefix="chirp-test-"))
os.environ["VAR_DIR"] = str(VAR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
for name in ("RATE_LIMIT_WRITES", "RATE_LIMIT_REGISTER", "RATE_LIMIT_SIGN_IN"):
    os.environ.setdefault(name, "off")

_running = ExitStack()
servers = None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start Postgres and Valkey, unless the environment names servers to use."""
    global servers
    if "DATABASE_URL" in os.environ or session.config.option.collectonly:
        return
    from chirp import embedded

    servers = _running.enter_context(embedded.running(VAR, fast=True))


def pytest_unconfigure() -> None:
    """Stop them and leave nothing behind."""
    _running.close()
    shutil.rmtree(VAR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Every test that touches the database starts with an empty Redis that is known to be there."""
    marked = request.node.get_closest_marker("django_db")
    if marked or {"db", "transactional_db", "redis"} & set(request.fixturenames):
        from chirp.redis import client, guarded

        guarded.reset()
        client().flushall()


@pytest.fixture
def redis() -> None:
    """For tests that need Redis but no database."""
