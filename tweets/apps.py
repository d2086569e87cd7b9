"""Tweets and what people do with them."""

from django.apps import AppConfig


class TweetsConfig(AppConfig):
    """Tweets, replies, reposts, quotes and likes."""

    name = "tweets"
