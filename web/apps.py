"""The site."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The site."""

    name = "web"
