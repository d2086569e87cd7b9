"""Profiles, and the edges between people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Profiles, and the edges between people."""

    name = "people"
