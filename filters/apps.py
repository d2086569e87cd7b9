"""The configuration of the filters app."""

from django.apps import AppConfig


class FiltersConfig(AppConfig):
    """Words, phrases and hashtags that an account does not want to read."""

    name = "filters"
