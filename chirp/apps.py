"""The project as an app: it provides system checks and the migration that creates ids."""

from typing import Any

from django.apps import AppConfig
from django.utils import translation

from chirp import gc_tuning, localized, texts
from chirp.celery import app as celery_app

__all__ = ["ChirpConfig", "celery_app"]


class ChirpConfig(AppConfig):
    """Sets up what every app shares. Imports the Celery app, with which tasks are registered."""

    name = "chirp"

    def __init__(self, *args: Any) -> None:
        """Begin to load all apps: this is the first one."""
        gc_tuning.pause()
        super().__init__(*args)

    def ready(self) -> None:
        """Register system checks and the receivers of Celery's task signals; translate texts."""
        from chirp import checks  # noqa: F401
        from chirp.observability import task_signals  # noqa: F401

        texts.translate_by(
            gettext=translation.gettext,
            ngettext=translation.ngettext,
            localize=localized.localized,
        )
        gc_tuning.keep()
