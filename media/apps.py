"""Uploads, their processing and their storage."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """Uploads, their processing and their storage."""

    name = "media"

    def ready(self) -> None:
        """Register the metrics by importing their module."""
        from media import metrics  # noqa: F401
