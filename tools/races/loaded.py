"""Imports everything that an actor needs, once for all of them, and sets up Django."""

import os
from typing import Any

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
if not apps.ready:
    django.setup()

from celery import current_app
from django.conf import settings as django_settings
from django.db import connection

from tools.races import moves

current_app.loader.import_default_modules()  # as a worker does at its start
__all__ = ["moves", "use"]


def use(database: str, settings: dict[str, Any]) -> None:
    """Use the database of this name and these settings in this process."""
    connection.settings_dict["NAME"] = database
    for name, value in settings.items():
        setattr(django_settings, name, value)
