"""Processes exempt the objects that they have loaded from garbage collection."""

import subprocess
import sys
from pathlib import Path

import pytest

from chirp import gc_tuning

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
from celery.signals import worker_init
worker_init.send(sender=None)
"""
RELAY = """
from outbox.management.commands.relay import Command
relay = Command()
relay.stopping = True  # before it looks for events
relay.handle(sweep=1.0, once=False, schedule=None)
"""
WEB = """
import runpy
runpy.run_path("deploy/gunicorn.conf.py")["when_ready"](None)
"""


def tuned(process: str) -> tuple[int, int]:
    """How many objects are frozen after this code, and how often young ones are collected."""
    printed = "print(gc.get_freeze_count() * gc.isenabled(), gc.get_threshold()[0])"
    script = f"import gc\nimport django\ndjango.setup()\n{process}\n{printed}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    frozen, young = done.stdout.split()
    return int(frozen), int(young)


@pytest.mark.parametrize("process", [WORKER, RELAY, WEB], ids=["worker", "relay", "web"])
def test_loaded_objects_are_frozen(process: str) -> None:
    frozen, young = tuned(process)
    assert frozen > tuned("")[0]  # also what it has loaded after the apps
    assert young == gc_tuning.YOUNG_OBJECTS


def test_a_command_freezes_what_its_apps_have_loaded() -> None:
    frozen, young = tuned("")
    assert frozen > 50_000
    assert young < gc_tuning.YOUNG_OBJECTS
