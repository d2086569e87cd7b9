"""The app of live updates."""

from django.apps import AppConfig


class StreamingConfig(AppConfig):
    """Live updates."""

    name = "streaming"

    def ready(self) -> None:
        """Declare the metrics."""
        from streaming import metrics  # noqa: F401
