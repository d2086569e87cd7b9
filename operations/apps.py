"""Configuration of the `operations` app: heartbeats, status, dashboard, capacity, health."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Heartbeats, status, dashboard, capacity and health."""

    name = "operations"

    def ready(self) -> None:
        """Connect the signals that start the heartbeats of workers, the scheduler and relays."""
        from operations import worker_signals  # noqa: F401
