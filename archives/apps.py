"""The configuration of the archives app."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """Archives of other sites and of this one: what an account brings along."""

    name = "archives"
