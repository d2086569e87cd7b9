"""Fixtures for the tests of the runner."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def plain_environment() -> Iterator[None]:
    """An environment without settings of the runner, which is restored after the test."""
    before = dict(os.environ)
    servers = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    for name in ("HOST", "PORT", "WORKERS", "DEMO", "HERD", "HERD_SETTINGS", *servers):
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)
