"""The native API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The native API."""

    name = "api"
