"""The Celery app, which `celery -A chirp ...` loads for workers and the scheduler."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
app = Celery("chirp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
