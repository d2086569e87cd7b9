"""Search for tweets, people and hashtags; trends."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search for tweets, people and hashtags; trends."""

    name = "search"
