"""What happened that concerns an account, grouped, and how it hears of it."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What happened that concerns an account, grouped, and how it hears of it."""

    name = "notifications"

    def ready(self) -> None:
        """Register the metrics by importing their module."""
        from notifications import metrics  # noqa: F401
