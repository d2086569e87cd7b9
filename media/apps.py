"""Uploads, their processing and storage, and link previews."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """Uploads, their processing and storage, and link previews."""

    name = "media"
