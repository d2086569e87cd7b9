"""The configuration of the tweets app."""

from django.apps import AppConfig


class TweetsConfig(AppConfig):
    """Tweets, replies, reposts, quotes and likes."""

    name = "tweets"

    def ready(self) -> None:
        """Register the metrics by importing their module."""
        from tweets import metrics  # noqa: F401
