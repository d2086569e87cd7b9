"""Long-lived processes exempt the objects that they have loaded from garbage collection."""

import subprocess
import sys
from pathlib import Path

import pytest

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
FROZEN = "print(gc.get_freeze_count() * gc.isenabled())"


@pytest.mark.parametrize("process", [WORKER, RELAY, WEB], ids=["worker", "relay", "web"])
def test_loaded_objects_are_frozen(process: str) -> None:
    script = f"import gc\nimport django\ndjango.setup()\n{process}\n{FROZEN}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 50_000
