"""The app of the demo, which fills an empty site."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the demo and its management command."""

    name = "demo"
