"""The outbox: work that must happen after a change, written down with the change."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Events, the relay that sends them, and the tasks' side of the bargain."""

    name = "outbox"

    def ready(self) -> None:
        """Declare the metrics."""
        from outbox import metrics  # noqa: F401
