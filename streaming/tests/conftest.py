"""The process of streams, and what makes it hear of something."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chirp.redis import live_log
from tests.helpers.stream_client import serving


@pytest.fixture(scope="package")
def port(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of a process that serves streams to all tests."""
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("stream") / "log") as port:
        yield port


@pytest.fixture
def tell(drain: Callable[..., int]) -> Callable[[], int]:
    """Does the work of relay and workers, and tells streams of it."""
    return lambda: drain(tell=live_log.append)
