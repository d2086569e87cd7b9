"""Deliveries that can wait a moment, gathered by the relay and sent in one message.

Each message costs the relay, the broker and a worker about as much as the work for a post, and
comes while the post is being fanned out. Work that is not urgent is cheaper a moment later and
together with others.

Gathered deliveries are only in the memory of the relay, which counts them as sent. If it is killed,
they are sent when the leases of their events expire.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from outbox.relaying import Delivery, Refused, Send, send
from outbox.services import MAX_BATCH

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.2


class Gathering:
    """Sends deliveries: those of settings.OUTBOX_GATHERED after up to GATHER_SECONDS.

    `to` sends a message, and `clock` returns seconds.
    """

    def __init__(self, to: Send = send, clock: Callable[[], float] = time.monotonic) -> None:
        self._to = to
        self._clock = clock
        self._messages: dict[tuple[Any, ...], list[Delivery]] = {}
        self._due_at = float("inf")

    def take(self, deliveries: list[Delivery]) -> None:
        """Send deliveries of one message, or keep them. Raises what sending raises."""
        first = deliveries[0]
        if first.task not in settings.OUTBOX_GATHERED:
            self._to(deliveries)
            return
        key = first.batch
        if len(self._messages.get(key, ())) + len(deliveries) > MAX_BATCH:
            self._send(key)
        self._messages.setdefault(key, []).extend(deliveries)
        self._due_at = min(self._due_at, self._clock() + GATHER_SECONDS)

    def seconds_left(self) -> float:
        """How long until something is to be sent; infinite if there is nothing."""
        return max(self._due_at - self._clock(), 0.0)

    def send_due(self, *, all_: bool = False) -> None:
        """Send what has waited long enough, or all. Raises what sending raises, and keeps the rest.

        What is kept is sent by the next call. What the broker refuses is sent when the leases of
        its events expire.
        """
        if self.seconds_left() and not all_:
            return
        for key in list(self._messages):
            try:
                self._send(key)
            except Refused:
                log.warning("The broker takes no messages for %s: they wait for a lease.", key[0])
                del self._messages[key]
        self._due_at = float("inf")

    def _send(self, key: tuple[Any, ...]) -> None:
        self._to(self._messages[key])
        del self._messages[key]
