"""Workers settle before they fork; they and the scheduler have a pulse when they are ready."""

from typing import Any

from celery.signals import beat_init, worker_init, worker_ready

from chirp import garbage, pulse


@worker_init.connect
def _worker_will_fork(**_: Any) -> None:
    garbage.settle()


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    pulse.start("worker", str(sender.hostname))


@beat_init.connect
def _scheduler_starts(**_: Any) -> None:
    pulse.start("scheduler")
