"""The site's addresses about tweets."""

from django.urls import path, register_converter

from chirp import ids
from tweets import action_views, views


class TweetIdConverter:
    """An id that can exist: others are addresses of nothing."""

    regex = "[0-9]{1,16}"

    def to_python(self, value: str) -> int:
        """The id. ValueError makes it a 404."""
        id_ = ids.parse(value)
        if id_ is None:
            raise ValueError(value)
        return id_

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


register_converter(TweetIdConverter, "tweet_id")
TWEET = "@<handle:handle>/<tweet_id:tweet_id>"

urlpatterns = [
    path("explore", views.explore, name="explore"),
    path("nearby", views.nearby, name="nearby"),
    path("compose", action_views.compose, name="compose"),
    path("hashtag/<str:tag>", views.hashtag, name="hashtag"),
    path("@<handle:handle>", views.profile, name="profile"),
    path("@<handle:handle>/replies", views.profile, {"tab": "replies"}, "profile_replies"),
    path("@<handle:handle>/likes", views.profile, {"tab": "likes"}, "profile_likes"),
    path(TWEET, views.thread, name="thread"),
    path(f"{TWEET}/likes", views.likes, name="likes"),
    path(f"{TWEET}/reposts", views.reposts, name="reposts"),
    path(f"{TWEET}/quotes", views.quotes, name="quotes"),
    path(f"{TWEET}/history", views.history, name="history"),
    path(f"{TWEET}/edit", action_views.edit, name="edit"),
    path(f"{TWEET}/delete", action_views.delete, name="delete"),
    *(
        path(f"{TWEET}/{action}", action_views.mark, {"action": action}, action)
        for action in action_views.MARKS
    ),
]
