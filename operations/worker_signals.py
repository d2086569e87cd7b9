"""Workers settle before they fork; they and the scheduler have a pulse when they are ready."""

from typing import Any

from celery.signals import beat_init, worker_init, worker_ready
from django.dispatch import receiver

from chirp import gc_tuning
from chirp.observability.lifecycle import process_started
from operations import heartbeat


@worker_init.connect
def _worker_will_fork(**_: Any) -> None:
    gc_tuning.settle()


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    heartbeat.start("worker", str(sender.hostname))


@beat_init.connect
def _scheduler_starts(**_: Any) -> None:
    heartbeat.start("scheduler")


@receiver(process_started)
def _process_starts(part: str, **_: Any) -> None:
    heartbeat.start(part)
