"""A complete site for tests: web processes, a worker and a relay on the test database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.helpers.ports import free_port
from tests.helpers.processes import RELAY, WORKER, process, wait_until

WEB = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "2")


@dataclass(frozen=True)
class Site:
    """The base URL of a running site, and the common log file of its processes."""

    url: str
    log: Path


@contextmanager
def running_site(log: Path) -> Iterator[Site]:
    """Start all processes, and always stop them after the block."""
    address = f"127.0.0.1:{free_port()}"
    site = Site(f"http://{address}", log)
    with ExitStack() as stack:
        for command in ((*WEB, "--bind", address, "chirp.wsgi:application"), WORKER, RELAY):
            stack.enter_context(process(log, *command))
        wait_until(lambda: _answers(f"{site.url}/healthz"), log)
        yield site


def _answers(url: str) -> bool:
    with suppress(requests.ConnectionError, requests.Timeout):  # while its processes load
        return requests.get(url, timeout=5).ok
    return False
