"""Questions to parts that may be dead or hang: all are asked at once, and none for long."""

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections

log = logging.getLogger(__name__)
CONNECT_SECONDS = 2  # until a Postgres that hangs is given up: the least that libpq can wait
Questions = Mapping[str, Callable[[], Any]]


class ParallelChecks:
    """Asks questions by name, each in a thread of its own. One that hangs is not asked again."""

    def __init__(self) -> None:
        self._last: dict[str, threading.Thread] = {}

    def answers(self, questions: Questions, *, seconds: float) -> dict[str, Any]:
        """The answers by name, after at most `seconds`. Who failed or is late is left out."""
        found: dict[str, Any] = {}
        deadline = monotonic() + seconds
        asked = [
            self._ask(name, partial(_answer, name, ask, found))
            for name, ask in questions.items()
            if not self._hangs(name)
        ]
        for thread in asked:
            thread.join(max(deadline - monotonic(), 0))
        return dict(found)

    def _hangs(self, name: str) -> bool:
        return name in self._last and self._last[name].is_alive()

    def _ask(self, name: str, answer: Callable[[], None]) -> threading.Thread:
        # A daemon, so that a part that hangs does not keep this process from ending.
        thread = self._last[name] = threading.Thread(target=answer, name="asking", daemon=True)
        thread.start()
        return thread


def _answer(name: str, ask: Callable[[], Any], found: dict[str, Any]) -> None:
    connection = connections[DEFAULT_DB_ALIAS]  # of this thread alone, and not open yet
    options = {**connection.settings_dict["OPTIONS"], "connect_timeout": CONNECT_SECONDS}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    try:
        found[name] = ask()
    except Error as error:
        log.debug("No answer from Postgres about %s: %s", name, error)
    except Exception:
        log.exception("There is no answer about %s.", name)
    finally:
        connection.close()
