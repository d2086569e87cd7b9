"""What a reader does not want to see: filters by keyword and hashtag."""

from django.apps import AppConfig


class FiltersConfig(AppConfig):
    """What a reader does not want to see: filters by keyword and hashtag."""

    name = "filters"
