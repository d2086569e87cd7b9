"""The API's addresses for accounts, below `/api/`."""

from django.urls import path

from accounts import api, api_people, schema  # noqa: F401 (the schema only has to be loaded)

urlpatterns = [
    path("auth/register", api.RegisterView.as_view()),
    path("auth/token", api.TokenView.as_view()),
    path("auth/refresh", api.RefreshView.as_view()),
    path("auth/logout", api.LogoutView.as_view()),
    path("me", api.MeView.as_view()),
    path("me/deactivate", api.DeactivateView.as_view()),
    path("me/follow-requests", api_people.FollowRequestsView.as_view()),
    path("me/follow-requests/<str:handle>", api_people.FollowRequestView.as_view()),
    path("users/<str:handle>", api_people.UserView.as_view()),
    path("users/<str:handle>/followers", api_people.FollowersView.as_view()),
    path("users/<str:handle>/following", api_people.FollowingView.as_view()),
    path("users/<str:handle>/follow", api_people.FollowView.as_view()),
    path("users/<str:handle>/block", api_people.BlockView.as_view()),
    path("users/<str:handle>/mute", api_people.MuteView.as_view()),
]
