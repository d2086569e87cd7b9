"""URLs below `/api/`."""

from django.urls import path

from api import docs, security_scheme  # noqa: F401 (security_scheme only has to be imported)
from api.views import accounts, home, people, search, status, tweet_lists, tweets

urlpatterns = [
    path("timelines/home", home.HomeView.as_view()),
    path("status", status.StatusView.as_view()),
    path("schema", docs.schema_json, name="api_schema"),
    path("docs", docs.docs_page, name="api_docs"),
    path("auth/register", accounts.RegisterView.as_view()),
    path("auth/token", accounts.TokenView.as_view()),
    path("auth/refresh", accounts.RefreshView.as_view()),
    path("auth/logout", accounts.LogoutView.as_view()),
    path("me", accounts.MeView.as_view()),
    path("me/security", accounts.SecurityView.as_view()),
    path("me/deactivate", accounts.DeactivateView.as_view()),
    path("me/follow-requests", people.FollowRequestsView.as_view()),
    path("me/follow-requests/<str:handle>", people.FollowRequestView.as_view()),
    path("users/<str:handle>", people.UserView.as_view()),
    path("users/<str:handle>/followers", people.FollowersView.as_view()),
    path("users/<str:handle>/following", people.FollowingView.as_view()),
    path("users/<str:handle>/follow", people.FollowView.as_view()),
    path("users/<str:handle>/block", people.BlockView.as_view()),
    path("users/<str:handle>/mute", people.MuteView.as_view()),
    path("tweets", tweets.TweetsView.as_view()),
    path("tweets/<str:tweet_id>", tweets.TweetView.as_view()),
    path("tweets/<str:tweet_id>/thread", tweets.ThreadView.as_view()),
    path("tweets/<str:tweet_id>/like", tweets.LikeView.as_view()),
    path("tweets/<str:tweet_id>/repost", tweets.RepostView.as_view()),
    path("tweets/<str:tweet_id>/likes", tweet_lists.LikesView.as_view()),
    path("tweets/<str:tweet_id>/reposts", tweet_lists.RepostsView.as_view()),
    path("tweets/<str:tweet_id>/quotes", tweet_lists.QuotesView.as_view()),
    path("tweets/<str:tweet_id>/history", tweet_lists.HistoryView.as_view()),
    path("users/<str:handle>/tweets", tweet_lists.UserTweetsView.as_view()),
    path("users/<str:handle>/replies", tweet_lists.UserRepliesView.as_view()),
    path("users/<str:handle>/likes", tweet_lists.UserLikesView.as_view()),
    path("timelines/hashtag/<str:tag>", tweet_lists.HashtagView.as_view()),
    path("timelines/public", tweet_lists.PublicView.as_view()),
    path("timelines/nearby", tweet_lists.NearbyView.as_view()),
    path("search", search.SearchView.as_view()),
    path("search/complete", search.CompletionView.as_view()),
    path("trends", search.TrendsView.as_view()),
    path("suggestions", search.SuggestionsView.as_view()),
]
