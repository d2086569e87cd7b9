"""The configuration of the timelines app."""

from django.apps import AppConfig


class TimelinesConfig(AppConfig):
    """Home timelines: the store in Redis, fan-out, celebrities and the merged read."""

    name = "timelines"

    def ready(self) -> None:
        """Register the metrics by importing their module."""
        from timelines import metrics  # noqa: F401
