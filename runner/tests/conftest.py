"""What the tests of the runner share."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def plain_environment() -> Iterator[None]:
    """What a run puts into the environment is for its processes, not for the next test."""
    before = dict(os.environ)
    servers = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    for name in ("HOST", "PORT", "WORKERS", "DEMO", "HERD", "HERD_SETTINGS", *servers):
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)
