"""The Celery app, which `celery -A chirp ...` loads for workers and the scheduler."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
app = Celery("chirp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def _look_at_connections(**_: Any) -> None:
    """Let each task test the connection that the last one left before its first statement.

    Celery would close it before and after each task, and opening one costs more than most tasks.
    Kept without a test, a connection that Postgres has closed would fail the next task, whose event
    then waits for its lease to end.
    """
    from django.db import close_old_connections  # needs Django, which Celery sets up later

    close_old_connections()
