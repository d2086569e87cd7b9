"""Collections of people, each with a timeline of its own; bookmarks."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """Collections of people, each with a timeline of its own; bookmarks."""

    name = "lists"
