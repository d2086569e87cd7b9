"""Workers and the scheduler have a pulse as soon as they are ready."""

from typing import Any

from celery.signals import beat_init, worker_ready

from chirp import pulse


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    pulse.start("worker", str(sender.hostname))


@beat_init.connect
def _scheduler_starts(**_: Any) -> None:
    pulse.start("scheduler")
