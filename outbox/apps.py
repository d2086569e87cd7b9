"""The configuration of the outbox app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The transactional outbox: events, the relay that sends them, and decorators for consumers."""

    name = "outbox"

    def ready(self) -> None:
        """Register the metrics."""
        from outbox import metrics  # noqa: F401
