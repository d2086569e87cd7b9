"""The configuration of the moderation app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ModerationConfig(AppConfig):
    """Reports, decisions of moderators, strikes and appeals."""

    name = "moderation"

    def ready(self) -> None:
        """Create the groups of the roles after each migration."""
        post_migrate.connect(_create_groups, sender=self)


def _create_groups(**_: Any) -> None:
    from moderation.roles import create_groups  # it loads models

    create_groups()
