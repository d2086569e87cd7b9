"""Configuration of the `mastodon` app, which serves the client API of Mastodon."""

from django.apps import AppConfig


class MastodonConfig(AppConfig):
    """The client API of Mastodon."""

    name = "mastodon"
