"""The configuration of the lists app."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """Lists of people, and the hashtags that an account follows."""

    name = "lists"
