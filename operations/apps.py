"""What runs, and how it is: heartbeats, status, dashboard, capacity, health."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Status, live page, capacity and health."""

    name = "operations"

    def ready(self) -> None:
        """Give workers, the scheduler and relays a heartbeat."""
        from operations import worker_signals  # noqa: F401
