"""The project as an app: it brings ids (a migration), commands and system checks."""

from django.apps import AppConfig


class ChirpConfig(AppConfig):
    """Wires what every app shares."""

    name = "chirp"

    def ready(self) -> None:
        """Register the system checks, and watch tasks and those who do them."""
        from chirp import checks, task_watch, worker_watch  # noqa: F401
