"""Signal receivers that start heartbeats, and set up workers before they fork."""

from typing import Any

from celery.signals import beat_init, worker_init, worker_ready
from django.dispatch import receiver

from chirp import gc_tuning
from chirp.db import statement_timeout
from chirp.observability.lifecycle import part_started, process_started
from operations import heartbeat


@worker_init.connect
def _set_up_before_fork(**_: Any) -> None:
    statement_timeout.process_is("worker")
    gc_tuning.settle()


@worker_ready.connect
def _start_worker_heartbeat(sender: Any, **_: Any) -> None:
    heartbeat.start("worker", str(sender.hostname))


@beat_init.connect
def _start_scheduler_heartbeat(**_: Any) -> None:
    heartbeat.start("scheduler")


@receiver(process_started)
def _start_process_heartbeat(part: str, **_: Any) -> None:
    heartbeat.start(part)


@receiver(part_started)
def _start_heartbeat_of_another_part(part: str, **_: Any) -> None:
    heartbeat.start_another(part)
