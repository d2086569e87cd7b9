"""A lively town to look around in."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A lively town to look around in."""

    name = "demo"
