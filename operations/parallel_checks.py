"""Checks of servers that may be down or hang: they run in parallel, with a common timeout."""

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections

log = logging.getLogger(__name__)
CONNECT_SECONDS = 2  # timeout for connecting to Postgres: the shortest that libpq supports
Checks = Mapping[str, Callable[[], Any]]


class ParallelChecks:
    """Runs named checks, each in its own thread. A check is skipped while its last run hangs."""

    def __init__(self) -> None:
        self._last: dict[str, threading.Thread] = {}

    def answers(self, checks: Checks, *, seconds: float) -> dict[str, Any]:
        """The results by name, after `seconds` at most. Failed and late checks are left out."""
        results: dict[str, Any] = {}
        deadline = monotonic() + seconds
        started = [
            self._start(name, partial(_run, name, check, results))
            for name, check in checks.items()
            if not self._hangs(name)
        ]
        for thread in started:
            thread.join(max(deadline - monotonic(), 0))
        return dict(results)

    def _hangs(self, name: str) -> bool:
        return name in self._last and self._last[name].is_alive()

    def _start(self, name: str, run: Callable[[], None]) -> threading.Thread:
        # A daemon thread, so that a check that hangs does not keep this process from exiting.
        thread = self._last[name] = threading.Thread(target=run, name="check", daemon=True)
        thread.start()
        return thread


def _run(name: str, check: Callable[[], Any], results: dict[str, Any]) -> None:
    connection = connections[DEFAULT_DB_ALIAS]  # belongs to this thread, and is not open yet
    options = {**connection.settings_dict["OPTIONS"], "connect_timeout": CONNECT_SECONDS}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    try:
        results[name] = check()
    except Error as error:
        log.debug("Postgres did not answer the check %s: %s", name, error)
    except Exception:
        log.exception("The check %s failed.", name)
    finally:
        connection.close()
