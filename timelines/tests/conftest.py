"""What the tests of timelines share."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chirp.redis import client


@pytest.fixture
def patient_redis(settings: Settings) -> Iterator[None]:
    """Calls wait for Redis, so that a slow machine does not make it unavailable."""
    settings.REDIS_TIMEOUT_MS = 60_000
    client._servers.cache_clear()
    yield
    client._servers.cache_clear()
