"""Configuration of the `api` app, which serves the native API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The native API."""

    name = "api"
