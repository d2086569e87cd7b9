"""Profiles, follows, blocks and mutes."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Profiles, follows, blocks and mutes."""

    name = "people"
