"""The API's addresses for tweets, below `/api/`."""

from django.urls import path

from tweets import api, api_lists

urlpatterns = [
    path("tweets", api.TweetsView.as_view()),
    path("tweets/<str:tweet_id>", api.TweetView.as_view()),
    path("tweets/<str:tweet_id>/thread", api.ThreadView.as_view()),
    path("tweets/<str:tweet_id>/like", api.LikeView.as_view()),
    path("tweets/<str:tweet_id>/repost", api.RepostView.as_view()),
    path("tweets/<str:tweet_id>/likes", api_lists.LikesView.as_view()),
    path("tweets/<str:tweet_id>/reposts", api_lists.RepostsView.as_view()),
    path("tweets/<str:tweet_id>/quotes", api_lists.QuotesView.as_view()),
    path("tweets/<str:tweet_id>/history", api_lists.HistoryView.as_view()),
    path("users/<str:handle>/tweets", api_lists.UserTweetsView.as_view()),
    path("users/<str:handle>/replies", api_lists.UserRepliesView.as_view()),
    path("users/<str:handle>/likes", api_lists.UserLikesView.as_view()),
    path("timelines/hashtag/<str:tag>", api_lists.HashtagView.as_view()),
    path("timelines/public", api_lists.PublicView.as_view()),
    path("timelines/nearby", api_lists.NearbyView.as_view()),
]
