"""Home timelines: what Chirp exists for."""

from django.apps import AppConfig


class TimelinesConfig(AppConfig):
    """The store in Redis, fan-out, celebrities and the merged read."""

    name = "timelines"

    def ready(self) -> None:
        """Declare the metrics."""
        from timelines import metrics  # noqa: F401
