"""The tasks' side of the outbox: a decorator for tasks that events start."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.db import close_old_connections

from outbox import services

log = logging.getLogger(__name__)
Work = Callable[..., None]


def outbox_task(name: str) -> Callable[[Work], Any]:
    """Make `work(**payload)` the Celery task `name` of an outbox event.

    A task whose event is gone was done before (delivery is at least once) and does nothing. When
    the work succeeds the event is struck out; when it raises, the event stays with the error
    noted, and is sent again later. Without `event_id` (a person or a test calls it) it just works.
    """

    def decorate(work: Work) -> Any:
        @functools.wraps(work)
        def run(*, event_id: int | None = None, **payload: Any) -> None:
            if event_id is None:
                work(**payload)
            elif services.is_pending(event_id):
                _perform(work, event_id, payload)

        # Without functools.wraps' trail Celery would check calls against the payload alone.
        del run.__wrapped__
        return shared_task(name=name)(run)

    return decorate


def _perform(work: Work, event_id: int, payload: dict[str, Any]) -> None:
    try:
        work(**payload)
    except Exception as error:
        close_old_connections()
        services.failed(event_id, error=f"{type(error).__name__}: {error}")
        raise
    services.done(event_id)
