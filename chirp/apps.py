"""The project as an app: it brings ids (a migration) and system checks."""

from django.apps import AppConfig

from chirp.celery import app as celery_app

__all__ = ["ChirpConfig", "celery_app"]


class ChirpConfig(AppConfig):
    """Wires what every app shares, the Celery app among it: tasks are registered with it."""

    name = "chirp"

    def ready(self) -> None:
        """Register the system checks and the signals around tasks."""
        from chirp import checks  # noqa: F401
        from chirp.observability import task_signals  # noqa: F401
