"""The project as an app: it brings ids (a migration), commands and system checks."""

from django.apps import AppConfig


class ChirpConfig(AppConfig):
    """Wires what every app shares."""

    name = "chirp"

    def ready(self) -> None:
        """Register the system checks."""
        from chirp import checks  # noqa: F401
