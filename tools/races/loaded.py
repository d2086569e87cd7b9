"""Everything that an actor needs, loaded once for all of them: importing this sets Django up."""

import os
from typing import Any

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
if not apps.ready:
    django.setup()

from celery import current_app
from django.conf import settings as ours
from django.db import connection

from tools.races import moves

current_app.loader.import_default_modules()  # as a worker does at its start
__all__ = ["moves", "use"]


def use(database: str, settings: dict[str, Any]) -> None:
    """Work on the database of this name, with these settings."""
    connection.settings_dict["NAME"] = database
    for name, value in settings.items():
        setattr(ours, name, value)
