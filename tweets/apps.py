"""The configuration of the tweets app."""

from django.apps import AppConfig


class TweetsConfig(AppConfig):
    """Tweets, replies, reposts, quotes and likes."""

    name = "tweets"
